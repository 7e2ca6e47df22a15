"""The author's infrastructure repository, 14 releases from 7 chart repositories, from an empty cluster to all of them deployed."""
import contextlib, copy, functools, http.server, json, os, re, subprocess, tarfile, threading, time, urllib.request

import pytest

from conftest import CORPUS, SLUICE, fresh_cluster, load_cluster_module, push_payload
from test_frontend import approve, helm

pytestmark = pytest.mark.skipif(not os.path.isdir(CORPUS), reason='SKIPPED LOUDLY: the chart corpus is not at hand (SLUICE_CORPUS)')

RELEASES = {'traefik': 'kube-system', 'kubernetes-replicator': 'kube-system', 'mail-storage': 'mail', 'db-storage': 'db', 'cert-manager': 'cert-manager',
            'kube-prom-stack': 'monitoring', 'redis': 'db', 'loki-stack': 'monitoring', 'postgres': 'db', 'ingress': 'cert-manager', 'mailserver': 'mail',
            'backend': 'backend', 'dummy-page': 'default', 'free': 'free'}
REPOSITORIES = ('charts.jetstack.io', 'prometheus-community.github.io/helm-charts', 'docker-mailserver.github.io/docker-mailserver-helm',
                'grafana.github.io/helm-charts', 'traefik.github.io/charts', 'helm.mittwald.de', 'charts.bitnami.com/bitnami')
DB = '''# as in the repository's example, and a user of their own for one more application
POSTGRES_PASSWORD=pg-root-8A73si
USER_PASSWORD=pg-user-Vkt1N9
REDIS_PASSWORD=redis-DM22qR
REDIS_USER_RSPAMD=rspamd
REDIS_PASSWORD_RSPAMD=redis-rspamd-ueyqGD
CUSTOM_USER_SHOP=shopkeeper
CUSTOM_PASSWORD_SHOP=pg-shop-77Gh
CUSTOM_DATABASE=everybodys
'''
SECRETS = ('pg-root-8A73si', 'pg-user-Vkt1N9', 'redis-DM22qR', 'redis-rspamd-ueyqGD', 'pg-shop-77Gh', 'trojan-Xx9')


class Charts(http.server.SimpleHTTPRequestHandler):
    """The chart repositories, by host, and the two lists of addresses that a template asks for with curl."""

    def do_GET(self):
        if self.path in ('/ips-v4', '/ips-v6'):
            body = b'173.245.48.0/20\n103.21.244.0/22' if self.path == '/ips-v4' else b'2400:cb00::/32'
            self.send_response(200)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope='module')
def cluster():
    """One of its own: what these tests count and take away is all that is there."""
    yield from fresh_cluster()


@contextlib.contextmanager
def serve_charts():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Charts, directory=os.path.join(CORPUS, 'charts')))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield 'http://127.0.0.1:%d' % server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope='module')
def charts():
    with serve_charts() as url:
        yield url


def definitions_of(text):
    import yaml

    class Loader(getattr(yaml, 'CSafeLoader', yaml.SafeLoader)):
        pass
    Loader.add_constructor('tag:yaml.org,2002:value', lambda loader, node: node.value)  # a plain `=` is text
    return [d for d in yaml.load_all(text, Loader) if d and d['kind'] == 'CustomResourceDefinition']


def kinds_served(cluster):
    """Of groups beside the core, in the form that clients ask for; it follows the definitions with some delay."""
    request = urllib.request.Request(cluster.api.base + '/apis', headers={'Accept': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'})
    with cluster.api.opener.open(request, timeout=10) as answer:
        groups = json.load(answer)['items']
    return {resource['resource'] for group in groups for version in group['versions'] for resource in version.get('resources', [])}


def prepare(cluster):
    """The definitions that the author's notes say to apply by hand first: those of the monitoring stack and of cert-manager."""
    definitions = []
    with tarfile.open(os.path.join(CORPUS, 'charts/prometheus-community.github.io/helm-charts/kube-prometheus-stack-72.6.3.tgz')) as tar:
        for member in tar.getmembers():
            if re.search(r'/crds/crds/crd-[^/]*\.yaml$', member.name):
                definitions += definitions_of(tar.extractfile(member).read())
    assert len(definitions) == 10
    definitions += definitions_of(subprocess.run([SLUICE, 'template', 'cm', os.path.join(CORPUS, 'charts/charts.jetstack.io/cert-manager-v1.11.0.tgz'),
                                                  '--set', 'installCRDs=true'], stdout=subprocess.PIPE, check=True).stdout)
    if not cluster.exists('/api/v1/nodes/ethical-post-1.localdomain'):  # beside node-1, the other node that values/prod.yaml.gotmpl names
        node = copy.deepcopy(load_cluster_module().NODE)
        node['metadata']['name'] = node['metadata']['labels']['kubernetes.io/hostname'] = 'ethical-post-1.localdomain'
        cluster.create('/api/v1/nodes', node)
    for definition in definitions:
        cluster.apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/' + definition['metadata']['name'], definition)
    deadline = time.time() + 60
    while not {'certificates', 'clusterissuers', 'orders', 'servicemonitors', 'prometheusrules'} <= kinds_served(cluster):
        assert time.time() < deadline, 'the API server does not serve its new kinds'
        time.sleep(0.2)
    return cluster


@pytest.fixture(scope='module')
def prepared(cluster):
    return prepare(cluster)


def bring(repository, charts):
    """The tree as it is in Git; only the host that curl asks is the test's."""
    repository.copy(os.path.join(CORPUS, 'author-infra'), '.')
    path = os.path.join(repository.work, 'traefik/values.yaml.gotmpl')
    text = open(path).read()
    assert 'https://www.cloudflare.com/ips-v4' in text
    repository.write('traefik/values.yaml.gotmpl', text.replace('https://www.cloudflare.com', charts))


def bring_secrets(cluster):
    """The secrets that the tree looks up, as a daemon with `configure`'s configuration writes them."""
    def example(name):
        return open(os.path.join(CORPUS, 'author-infra/secrets', name)).read()

    def variables(text):
        return dict(line.split('=', 1) for line in text.splitlines() if line and not line.startswith('#'))
    data = {'db': variables(DB), 'monitoring': variables(example('monitoring.example.env')), 'free': {'TROJAN_PASSWORD': 'trojan-Xx9'},
            'mail': {name.replace('.example', ''): example(name) for name in ('mail.example.cf', 'mail.example.rsa.public.txt', 'mail.example.rsa.private.txt')}}
    for space, texts in data.items():
        if not cluster.exists('/api/v1/namespaces/' + space):
            cluster.create('/api/v1/namespaces', {'metadata': {'name': space}})
        cluster.create('/api/v1/namespaces/%s/secrets' % space, {'metadata': {'name': 'helmfile-secret-' + space}, 'stringData': texts})


def mirrors(charts):
    return [word for name in REPOSITORIES for word in ('--chart-mirror', 'https://%s=%s/%s' % (name, charts, name))]


def configure(make_daemon, repository, cluster, charts):
    curl = ['/bin/sh', '-c', f'curl -s {charts}/ips-v4 && echo && curl -s {charts}/ips-v6']
    values = open(os.path.join(CORPUS, 'author-infra/db/postgres.values.yaml.gotmpl')).read()
    line = re.search(r'fetchDbCmd := printf "((?:[^"\\]|\\.)*)"', values).group(1).replace('\\"', '"').replace('%s', 'SHOP')
    database = ['/bin/sh', '-c', line]
    extra_environment = f'''    secret_objects:
      - {{namespace: db, name: helmfile-secret-db, env_file: {{credential: db.env}}}}
      - {{namespace: monitoring, name: helmfile-secret-monitoring, env_file: {{credential: monitoring.env}}}}
      - {{namespace: free, name: helmfile-secret-free, env_file: {{credential: free.env}}}}
      - {{namespace: mail, name: helmfile-secret-mail, files: {{mail.cf: {{credential: mail.cf}}, mail.rsa.public.txt: {{credential: mail.rsa.public.txt}}, mail.rsa.private.txt: {{credential: mail.rsa.private.txt}}}}}}
    exec:
      allow: {json.dumps([curl, database])}
      kubectl: native
'''
    mirrors = ''.join('  https://%s: %s/%s\n' % (name, charts, name) for name in REPOSITORIES)
    daemon = make_daemon(repository, cluster, helmfile='helmfile.yaml.gotmpl', environment='prod', extra_environment=extra_environment,
                         extra='chart_mirrors:\n' + mirrors)
    daemon.credential('db.env', DB)
    daemon.credential('free.env', 'TROJAN_PASSWORD=trojan-Xx9\n')
    for name, source in (('monitoring.env', 'monitoring.example.env'), ('mail.cf', 'mail.example.cf'), ('mail.rsa.public.txt', 'mail.example.rsa.public.txt'),
                         ('mail.rsa.private.txt', 'mail.example.rsa.private.txt')):
        daemon.credential(name, open(os.path.join(CORPUS, 'author-infra/secrets', source)).read())
    return daemon


class WebhooksAside:
    """Empties cert-manager's webhook configurations as soon as they are there: its pods are fakes that answer nobody. The objects stay, as
    whoever installs them waits for them. Fills them again at the end."""

    KINDS = ('mutatingwebhookconfigurations', 'validatingwebhookconfigurations')

    def __init__(self, cluster):
        self.cluster, self.taken, self.over = cluster, {}, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.1):
            for kind in self.KINDS:
                base = '/apis/admissionregistration.k8s.io/v1/' + kind
                for item in self.cluster.get(base)['items']:
                    path = base + '/' + item['metadata']['name']
                    if item['metadata']['name'].startswith('cert-manager') and item.get('webhooks'):
                        self.taken[path] = item['webhooks']
                        self.cluster.patch(path, {'webhooks': []})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for path, webhooks in self.taken.items():
            self.cluster.patch(path, {'webhooks': webhooks})


def test_the_tree_is_deployed_from_nothing_and_then_has_no_changes(prepared, charts, repository, make_daemon):
    cluster = prepared
    bring(repository, charts)
    commit = repository.push('the infrastructure')
    daemon = configure(make_daemon, repository, cluster, charts)
    daemon.start()
    assert daemon.deliver('push', push_payload(repository.name, '0' * 40, commit))[0] == 202
    number = daemon.wait_new(0)
    waiting = daemon.wait_state(number, 'awaiting_approval', seconds=120)
    status, diff = daemon.request('GET', '/api/v1/deployments/%s/diff' % number, headers={'Accept': 'text/plain'}, token='viewer')
    assert status == 200
    assert '173.245.48.0/20' in diff or 'traefik' in diff
    assert [secret for secret in SECRETS if secret in diff] == []
    with WebhooksAside(cluster):
        assert approve(daemon, number, waiting['digest'])[0] == 200
        daemon.wait_state(number, 'succeeded', seconds=300)

    passwords = cluster.get('/api/v1/namespaces/db/secrets/helmfile-secret-db')['data']
    assert {'POSTGRES_PASSWORD', 'CUSTOM_USER_SHOP'} < set(passwords)
    scripts = cluster.get('/api/v1/namespaces/db/configmaps')['items'] + cluster.get('/api/v1/namespaces/db/secrets')['items']
    sql = [text for item in scripts for key, text in item.get('data', {}).items() if key == 'create_user_and_db_shop.sql']
    assert len(sql) == 1 and "CREATE ROLE \"shopkeeper\" WITH LOGIN PASSWORD 'pg-shop-77Gh'" in sql[0] and 'DATABASE "everybodys"' in sql[0]
    assert [secret for secret in SECRETS if secret in daemon.log_text()] == []

    program = helm()
    if program:
        listed = json.loads(subprocess.run([program, 'list', '-A', '-o', 'json', '--kubeconfig', cluster.kubeconfig], check=True, stdout=subprocess.PIPE).stdout)
        assert {r['name']: (r['namespace'], r['status']) for r in listed} == {name: (space, 'deployed') for name, space in RELEASES.items()}

    status, made = daemon.request('POST', '/api/v1/deployments', {'repository': repository.name, 'environment': 'prod', 'ref': 'main'}, token='operator')
    assert status in (201, 202), made
    daemon.wait_state(daemon.wait_new(number), 'no_changes', seconds=120)
    assert daemon.stop() == 0


def test_the_command_line_takes_it_all_away_and_brings_it_back(prepared, charts, repository):
    cluster = prepared
    bring(repository, charts)
    if not cluster.exists('/api/v1/namespaces/db/secrets/helmfile-secret-db'):
        pytest.skip('SKIPPED LOUDLY: needs the cluster as the test before leaves it')

    def sluice(command, *more):
        done = subprocess.run([SLUICE, command, '-e', 'prod', '--kubeconfig', cluster.kubeconfig, *mirrors(charts), *more], cwd=repository.work, timeout=400,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return done.stdout

    sluice('destroy')
    # what StatefulSets claimed stays, as with helm, and holds its volumes; whoever wants to start over removes it
    for claim in cluster.get('/api/v1/namespaces/db/persistentvolumeclaims')['items']:
        cluster.delete('/api/v1/namespaces/db/persistentvolumeclaims/' + claim['metadata']['name'])
    deadline = time.time() + 60
    while cluster.get('/api/v1/persistentvolumes')['items']:
        assert time.time() < deadline, 'the volumes do not go away'
        time.sleep(0.2)
    with WebhooksAside(cluster):
        applied = sluice('apply')
    deployed = {line.split(':')[0] for line in applied.splitlines() if ': deployed' in line}
    assert [secret for secret in SECRETS if secret in applied] == []
    assert deployed == {space + '/' + name for name, space in RELEASES.items()}
    assert 'No changes' in sluice('plan', '--detailed-exitcode')
