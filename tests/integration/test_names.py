"""Host names that templates look up: the daemon asks for those that its configuration lists, and the answer is part of the plan."""
import pytest

from conftest import push_payload

CONFIG_MAP = '''apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {address: {{ getHostByName "localhost" | quote }}}
'''


def planned(repository, cluster, make_daemon, state, fields='', listed='dns_names: [localhost]'):
    repository.write('web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('web/templates/config.yaml', CONFIG_MAP)
    repository.write('helmfile.yaml', 'environments: {prod: {}}\n---\nreleases: [{name: web, namespace: names, chart: ./web%s}]\n' % fields)
    daemon = make_daemon(repository, cluster, extra=listed)
    daemon.start()
    daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.push('a commit')))
    return daemon, daemon.wait_state(daemon.wait_new(0), state)


@pytest.mark.parametrize('fields, shown', [(', enableDNS: true', ('127.0.0.1', '::1')), ('', ('""', "''"))])
def test_a_listed_name_is_looked_up_with_enableDNS_alone(repository, cluster, make_daemon, fields, shown):
    daemon, one = planned(repository, cluster, make_daemon, 'awaiting_approval', fields)
    status, diff = daemon.request('GET', '/api/v1/deployments/%s/diff' % one['id'], headers={'Accept': 'text/plain'}, token='viewer')
    assert status == 200
    line = [line for line in diff.splitlines() if 'address:' in line][0]
    assert any(address in line for address in shown), line


def test_a_name_that_is_not_listed_is_refused(repository, cluster, make_daemon):
    daemon, one = planned(repository, cluster, make_daemon, 'plan_failed', ', enableDNS: true', 'dns_names: [db.example.org]')
    assert one['reason'].endswith('dns-denied: "localhost" is not among the names that templates may look up: list it in dns_names of the '
                                  "server's configuration"), one['reason']
