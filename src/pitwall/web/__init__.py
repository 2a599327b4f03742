"""The playground in the browser: pages rendered on the server, on the API's own app, on this machine's loopback alone.

`pitwall page` and `pitwall up` start it; `python -m pitwall.web` is the same for supervisors. A page is a file of `pages/`.
"""
