"""``eventflux new``: a repository to start from, that works as it is.

``templates`` has its files, as they are for the name *acme*; each has ``-tpl`` behind its name so
that nothing takes it for a part of this package.
"""
