"""The channels of the ``memory`` connector, from Python.

>>> from eventflux import memory
>>> memory.reset()
>>> memory.channel("orders").put([b'{"order_id": "1"}'])
>>> memory.channel("orders").take()
[b'{"order_id": "1"}']
"""

from eventflux.builtin.channels import Channel, Message, channel, reset

__all__ = ["Channel", "Message", "channel", "reset"]
