"""The OWASP API Security Top Ten of 2023, each attacked as its own page tells it.

https://owasp.org/API-Security/editions/2023/en/0x11-t10/

One module a risk. The broad tests (every route with every credential, every field of every body,
every fault of a model server) are elsewhere and named here; these are the attacks themselves,
against the service as strangers meet it: with keys asked for, over HTTP, and with a look at what
is on the disk, what was spent and who was spoken to afterwards.
"""
