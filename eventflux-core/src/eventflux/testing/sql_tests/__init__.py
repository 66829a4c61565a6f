"""Tests of programs that are written as SQL: files ``*.eventflux-test``.

    APP 'orders.sql';

    TEST 'large orders come first';
    INSERT INTO Orders VALUES ('A-1', 1250.0), ('A-2', 18.5) AT '2026-01-01 12:00:00';
    ASSERT STREAM Urgent VALUES ('A-1', 1250.0);

:mod:`.grammar` reads a file, :mod:`.playing` runs a test of it on a virtual clock, rows cut into
steps in each way of :mod:`.cuts`. ``eventflux test`` and the plugin of pytest show what came of it.
"""
