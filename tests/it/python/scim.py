"""The conformance test of SCIM against a running service: `scim.py URL [TOKEN]`. Fails with what did not conform."""

import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

headers = {"Authorization": "Bearer " + sys.argv[2]} if len(sys.argv) > 2 else {}
client = SyncSCIMClient(Client(base_url=sys.argv[1], headers=headers, timeout=30))
# Groups are read-only here, so what creates and changes them is not tried.
results = check_server(client, resource_types=["User"])
fine = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED)
failed = [it for it in results if it.status not in fine]
for it in failed:
    print(it.status.name, it.title, it.resource_type, it.reason)
print(f"{len(results)} checks, {len(failed)} failed")
sys.exit(1 if failed or len(results) < 20 else 0)
