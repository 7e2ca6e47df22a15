"""Secret values in every place that may hold one, a daemon at debug level led through its whole life, and then: none of them is seen in
anything that the daemon wrote, answered, sent to others, or gave to another process, in any form."""
import base64, glob, hashlib, http.server, io, json, os, resource, secrets, signal, string, subprocess, sys, tarfile, threading, time, urllib.parse, uuid

import pytest

from conftest import Daemon, push_payload
from git_servers import Authority, HttpsServer

ALPHABET = string.ascii_letters + string.digits


class Canary:
    """A secret that is found again by 20 letters and digits of its own; what stands around them is written otherwise in JSON and URLs."""

    def __init__(self, around='%s'):
        self.core = ''.join(secrets.choice(ALPHABET) for _ in range(20))
        self.text = around % self.core

    def forms(self):
        core = self.core.encode()
        yield 'plain', core
        yield 'upper case', core.upper()
        yield 'lower case', core.lower()
        yield 'hex', core.hex().encode()
        yield 'backwards', core[::-1]
        yield 'SHA-256', hashlib.sha256(self.text.encode()).hexdigest().encode()
        for shift in range(3):
            encoded = base64.b64encode(b'\0' * shift + core)
            yield 'base64 at %d' % shift, encoded[4 if shift else 0:len(encoded) - 4]
            yield 'base64 twice at %d' % shift, base64.b64encode(encoded[4 if shift else 0:len(encoded) - 4])[:-4]


CANARIES = {name: Canary(around) for name, around in {
    'environment secret': 'a"b/%s&é +',
    'reused value': '%s',
    'chart repository password': 'p %s"/',
    'registry password': 'r:%s@',
    'env_file of a secret object': "e'%s",
    'file of a secret object': '{"key": "%s"}\n',
    'sops value': 's-%s',
    'Secret read by lookup': 'l%s',
    'Secret read by kubectl': 'k%s',
    'Secret read by reference': 'f%s',
    'token for git and GitHub': 'ghp_%s',
    'webhook secret': 'w %s é',
    'address of a receiver': 'n%s',
}.items()}

CHART = {
    'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'values.yaml': 'replicas: 1\nnodeSelector: {}\nkind: ConfigMap\n',
    'templates/secret.yaml': '''apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {password: {{ .Values.password | quote }}}
data: {sopsed: {{ .Values.sopsed | b64enc }}}
''',
    'templates/config.yaml': '''apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations: {checksum: {{ sha256sum .Values.password }}}
data:
  plain: {{ .Values.password | quote }}
  encoded: {{ b64enc .Values.password }}
  shifted: {{ printf "x%s" .Values.password | b64enc }}
  again: {{ printf "xy%s" .Values.password | b64enc | b64enc }}
  hash: {{ .Values.password | sha256sum }}
  hex: {{ printf "%x" .Values.password }}
  url: {{ urlquery .Values.password }}
  json: {{ dict "a" (list .Values.password) | toJson | quote }}
  yaml: {{ dict "a" .Values.password | toYaml | quote }}
  upper: {{ upper .Values.password | quote }}
  backwards: {{ splitList "" .Values.password | reverse | join "" | quote }}
  part: {{ regexFind "[A-Za-z0-9]{20}" .Values.password }}
  block: |
    user=ann
    password={{ .Values.password }}
  sopsed: {{ .Values.sopsed }}
  looked: {{ (lookup "v1" "Secret" .Release.Namespace "existing").data.lookup | b64dec }}
  kubectl: {{ .Values.kubectl }}
  reference: {{ .Values.reference }}
''',
    'templates/deployment.yaml': '''apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {{ toJson .Values.nodeSelector }}
      containers: [{name: web, image: "registry.example/web:1", args: [{{ .Values.password | quote }}], env: [{name: WHAT, value: {{ .Values.looked | default .Values.password | quote }}}]}]
''',
    'templates/NOTES.txt': 'Log in with {{ .Values.password }}\n',
}
HELMFILE = '''
environments: {prod: {secrets: [secrets.yaml]}}
---
repositories:
  - {name: private, url: "https://charts.example.org", username: ann, password: {{ requiredEnv "CHART_PASSWORD" | quote }}, passCredentials: true}
helmDefaults: {wait: true, timeout: %(timeout)d}
releases:
  - name: web
    namespace: %(namespace)s
    chart: ./chart
    atomic: true
    values:
      - password: {{ requiredEnv "PASSWORD" | quote }}
        sopsed: {{ .Values.sopsed | quote }}
        kubectl: {{ exec "sh" (list "-c" "kubectl get secret -n %(namespace)s existing -o jsonpath='{.data.kubectl}' | base64 -d") | quote }}
        reference: ref+k8s://v1/Secret/%(namespace)s/existing/reference
  - name: note
    namespace: %(namespace)s
    chart: private/note
    %(again)s
'''

# What may go wrong with a secret in hand: a template of the chart, and what the reason must contain to be about it at all.
MISTAKES = {
    'fail': ('{{ fail (printf "no: %s" .Values.password) }}', 'no: '),
    'field of a text': ('{{ .Values.password.below }}', 'below'),
    'index of a text': ('{{ index .Values.password "x" }}', 'index'),
    'no date': ('{{ mustToDate "2006-01-02" .Values.password }}', 'mustToDate'),
    'no version': ('{{ semver .Values.password }}', 'semver'),
    'no number': ('{{ add 1 (int .Values.password) | repeat -1 }}', ''),
    'no expression': ('{{ mustRegexMatch (printf "(%s" .Values.password) "x" }}', 'mustRegexMatch'),
    'no template': ('{{ tpl (printf "{{ %s" .Values.password) . }}', 'tpl'),
    'no such template': ('{{ include .Values.password . }}', 'include'),
    'no JSON': ('{{ mustFromJson .Values.password }}', 'mustFromJson'),
    'no key': ('{{ genPrivateKey .Values.password }}{{ fail "x" }}', ''),
    'not there': ('{{ required (printf "%s is missing" .Values.password) .Values.nothing }}', 'is missing'),
    'no YAML': ('a: {{ .Values.password }}: [', 'YAML'),
    'no kind': ('apiVersion: v1\nkind: {{ .Values.sopsed }}\nmetadata: {name: x}', ''),
    'no version of a kind': ('apiVersion: {{ .Values.sopsed }}/v1\nkind: X\nmetadata: {name: x}', ''),
    'a label that is none': ('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {a: {{ .Values.password | quote }}}}', ''),
    'a port that is none': ('apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: {{ .Values.password | quote }}}]}', ''),
    'a key of a map': ('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {{ dict .Values.password "x" | toJson }}', ''),
    'an image that is none': ('apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {restartPolicy: {{ .Values.password | quote }}, containers: [{name: {{ .Values.password | quote }}, image: x}]}', ''),
    'twice': ('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ lower .Values.sopsed }}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ lower .Values.sopsed }}}', ''),
}


def note_chart():
    """A packed chart that prints all of its values, and the index of its repository."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w:gz') as tar:
        for name, text in {'Chart.yaml': 'apiVersion: v2\nname: note\nversion: 1.0.0\n', 'values.yaml': 'kept: none\n',
                           'templates/note.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\ndata: {kept: {{ .Values.kept | quote }}, other: {{ .Values.other | quote }}}\n'}.items():
            entry = tarfile.TarInfo('note/' + name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    index = 'apiVersion: v1\nentries:\n  note:\n  - {name: note, version: 1.0.0, digest: %s, urls: [note-1.0.0.tgz]}\n' % digest
    return {'/index.yaml': index.encode(), '/note-1.0.0.tgz': packed.getvalue()}


class World(http.server.ThreadingHTTPServer):
    """Everybody else that the daemon speaks to in the clear on loopback: chart repository, registry, GitHub's API, a receiver of messages."""
    daemon_threads = True

    def __init__(self):
        self.files, self.heard, self.opened = note_chart(), [], set()
        super().__init__(('127.0.0.1', 0), WorldHandler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class WorldHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self, status, body=b'', *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_let_in(self, user, canary):
        wanted = 'Basic ' + base64.b64encode(('%s:%s' % (user, CANARIES[canary].text)).encode()).decode()
        if self.headers.get('Authorization') == wanted:
            self.server.opened.add(canary)
            return True
        self.answer(401, b'', ('WWW-Authenticate', 'Basic realm="x"'))
        return False

    def do_GET(self):
        if self.path.startswith('/v2/'):
            return self.is_let_in('deployer', 'registry password') and self.answer(200, b'{}')
        if self.path in self.server.files:
            return self.is_let_in('ann', 'chart repository password') and self.answer(200, self.server.files[self.path])
        self.answer(200, b'[]')  # GitHub: no such deployment yet

    def do_POST(self):
        self.server.heard.append(self.rfile.read(int(self.headers.get('Content-Length') or 0)))
        if self.path == '/' + CANARIES['address of a receiver'].text:
            self.server.opened.add('address of a receiver')
        elif self.headers.get('Authorization') == 'Bearer ' + CANARIES['token for git and GitHub'].text:
            self.server.opened.add('token for git and GitHub')
        self.answer(201, b'{"id": 1}')

    def log_message(self, *_):
        pass


class Children:
    """What the processes below the daemon show of themselves, looked at again and again."""

    def __init__(self, pid):
        self.pid, self.texts, self.ended = pid, {}, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def below(self, pid):
        try:
            for task in os.listdir('/proc/%d/task' % pid):
                for child in open('/proc/%d/task/%s/children' % (pid, task)).read().split():
                    yield int(child)
                    yield from self.below(int(child))
        except OSError:
            return

    def look(self):
        while not self.ended.wait(0.002):
            for pid in [self.pid, *self.below(self.pid)]:
                for what in ('cmdline', 'environ'):
                    try:
                        self.texts.setdefault('/proc/%d/%s' % (pid, what), set()).add(open('/proc/%d/%s' % (pid, what), 'rb').read())
                    except OSError:
                        pass

    def stop(self):
        self.ended.set()
        self.thread.join()
        return {name: b'\0'.join(texts) for name, texts in self.texts.items()}


SOPS = '''#!/bin/sh
# Stands in for sops: its cipher moves letters and digits half way round. Leaves behind what it was started with.
cat /proc/$$/cmdline /proc/$$/environ >>"%s"
printf 'sopsed: '
sed -n 's/^sopsed: ENC\\[AES256_GCM,\\(.*\\)\\]/\\1/p' /dev/stdin | tr 'A-Za-z0-9' 'N-ZA-Mn-za-m5-90-4'
'''
TURNED = str.maketrans('NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm5678901234', string.ascii_uppercase + string.ascii_lowercase + string.digits)


@pytest.fixture
def life(cluster, repository, make_daemon, tmp_path):
    """A daemon with a canary in each place, and what is needed to lead it through its life."""
    namespace = 'canary-' + uuid.uuid4().hex[:8]
    cluster.create('/api/v1/namespaces', {'metadata': {'name': namespace}})
    existing = {key: base64.b64encode(CANARIES['Secret read by ' + key].text.encode()).decode() for key in ('lookup', 'kubectl', 'reference')}
    cluster.create('/api/v1/namespaces/%s/secrets' % namespace, {'metadata': {'name': 'existing'}, 'data': existing})
    world, authority = World(), Authority(str(tmp_path))
    git = HttpsServer(os.path.dirname(repository.bare), *authority.issue('DNS:localhost'), token=CANARIES['token for git and GitHub'].text)
    programs = tmp_path / 'programs'
    programs.mkdir()
    sops, seen_by_sops = str(programs / 'sops'), str(programs / 'seen')
    with open(sops, 'w') as f:
        f.write(SOPS % seen_by_sops)
    os.chmod(sops, 0o755)
    rule = '["%s", "--decrypt", "--input-type", "yaml", "--output-type", "yaml", "/dev/stdin"]' % sops
    kept = '\n'.join('      - {namespace: %s, name: %s, %s}' % (namespace, name, what) for name, what in
                     (('from-env-file', 'env_file: {credential: db.env}'), ('from-files', 'files: {account.json: {credential: account}}')))
    daemon = make_daemon(
        repository, cluster, helmfile='helmfile.yaml.gotmpl',
        extra_environment='    secrets: {PASSWORD: {credential: password}, CHART_PASSWORD: {credential: chart_password}, KEPT: {credential: kept}}\n'
                          '    secret_objects:\n%s\n    exec: {allow: [%s], kubectl: native}\n' % (kept, rule),
        extra_repository='    token: {credential: git_token}\n    github: {report: [status, deployment], api: "http://127.0.0.1:%d"}\n' % world.port,
        extra='chart_mirrors: {"https://charts.example.org": "http://127.0.0.1:%d"}\nnotify: [{webhook: {url: {credential: receiver}, format: json}}]\n' % world.port)
    text = open(daemon.config).read().replace('url: ' + repository.bare, 'url: %s\n    certificate_authority: %s' % (git.url('origin.git'), authority.certificate))
    image = 'image: {wait_for: "127.0.0.1:%d/web:{{ .Commit.Sha }}", user: deployer, password: {credential: registry_password}}' % world.port
    with open(daemon.config, 'w') as f:
        f.write(text.replace('{push: {branch: "**/*"}}, {manual: {}}]}', '{push: {branch: "**/*"}}, {manual: {}}], %s}' % image))
    for name, canary in (('password', 'environment secret'), ('chart_password', 'chart repository password'), ('kept', 'reused value'),
                         ('git_token', 'token for git and GitHub'), ('webhook_secret', 'webhook secret'), ('account', 'file of a secret object'),
                         ('registry_password', 'registry password')):
        daemon.credential(name, CANARIES[canary].text)
    daemon.credential('db.env', '# a comment\nPOSTGRES_PASSWORD=%s\n' % CANARIES['env_file of a secret object'].text)
    daemon.credential('receiver', 'http://127.0.0.1:%d/%s' % (world.port, CANARIES['address of a receiver'].text))
    os.makedirs(os.path.join(daemon.folder, 'tmp'))
    for path, content in CHART.items():
        repository.write('chart/' + path, content)
    repository.write('secrets.yaml', 'sopsed: ENC[AES256_GCM,%s]\nsops:\n    mac: ENC[AES256_GCM,data:bWFj,type:str]\n' % CANARIES['sops value'].text.translate(TURNED))
    yield Life(daemon, repository, cluster, namespace, world, git, seen_by_sops)
    git.stop()
    world.shutdown()


class Life:
    def __init__(self, daemon, repository, cluster, namespace, world, git, seen_by_sops):
        self.daemon, self.repository, self.cluster, self.namespace, self.world, self.git, self.seen_by_sops = daemon, repository, cluster, namespace, world, git, seen_by_sops
        self.last, self.seen = 0, {}

    def start(self):
        log = open(os.path.join(self.daemon.folder, 'log'), 'ab')
        allow_root = ['--allow-root'] if os.getuid() == 0 else []
        unlimited = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        self.daemon.process = subprocess.Popen([self.daemon.program, 'serve', '--debug', '-c', self.daemon.config, *allow_root], cwd=os.path.join(self.daemon.folder, 'tmp'), stdin=subprocess.DEVNULL,
                                               env=dict(self.daemon.environment, TMPDIR=os.path.join(self.daemon.folder, 'tmp')), stdout=log, stderr=log, preexec_fn=unlimited)
        self.daemon.wait_ready()
        self.children = Children(self.daemon.process.pid)

    def helmfile(self, again='values: [{kept: {{ requiredEnv "KEPT" | quote }}, other: a}]', timeout=60):
        self.repository.write('helmfile.yaml.gotmpl', HELMFILE % {'namespace': self.namespace, 'again': again, 'timeout': timeout})

    def push(self, message, state):
        sha = self.repository.push(message)
        status, answer = self.daemon.deliver('push', push_payload(self.repository.name, '0' * 40, sha), secret=CANARIES['webhook secret'].text)
        assert status == 202, answer
        self.last = self.daemon.wait_new(self.last)
        return self.daemon.wait_state(self.last, state)

    def deploy(self, message, state='succeeded'):
        one = self.push(message, 'awaiting_approval')
        status, answer = self.daemon.request('POST', '/api/v1/deployments/%s/approve' % one['id'], {'digest': one['digest'], 'comment': 'go'}, token='approver')
        assert status == 200, answer
        return self.daemon.wait_state(one['id'], state)

    def read_all(self):
        """Every answer, page and output that there is to be had."""
        daemon = self.daemon
        cookie = self.log_in()
        paths = daemon.request('GET', '/api/v1/openapi.json')[1]['paths']
        numbers = [str(n) for n in range(1, int(self.last) + 1)]
        pages = ['/', '/drift', '/drift?environment=prod'] + ['/deployments/%s%s' % (n, rest) for n in numbers for rest in ('', '/diff.txt')]
        for path in pages:
            self.seen['page ' + path] = self.raw(path, {'Cookie': cookie})
        token = {'Authorization': 'Bearer ' + daemon.tokens['admin']}
        for pattern, methods in paths.items():
            if 'get' not in methods or pattern.endswith('/events'):
                continue
            for number in numbers if '{id}' in pattern else ['']:
                path = pattern.replace('{id}', number).replace('{name}', 'prod').replace('{environment}', 'prod')
                for accept in ('application/json', 'text/plain'):
                    query = '?environment=prod' if pattern.endswith(('releases', 'drift')) else ''
                    self.seen['answer %s as %s' % (path, accept)] = self.raw(path + query, dict(token, Accept=accept))
        for number in numbers:
            self.seen['events ' + number] = self.raw('/api/v1/deployments/%s/events' % number, dict(token, Accept='text/event-stream'))
            client = dict(SLUICE_URL='http://127.0.0.1:%d' % daemon.port, SLUICE_TOKEN=daemon.tokens['admin'])
            for arguments in (['show', number, '--diff'], ['log', number]):
                result = daemon.run(*arguments, check=False, **client)
                assert result.returncode == 0 or 'show' in arguments, result.stderr
                self.seen[' '.join(arguments)] = (result.stdout + result.stderr).encode()

    def raw(self, path, headers):
        import http.client
        connection = http.client.HTTPConnection('127.0.0.1', self.daemon.port, timeout=30)
        connection.request('GET', path, headers=headers)
        answer = connection.getresponse()
        text = str(answer.getheaders()).encode()
        stream = answer.getheader('Content-Type', '').startswith('text/event-stream')
        if stream:  # that of a deployment that has ended closes by itself; any other is read for a moment
            connection.sock.settimeout(0.5)
        try:
            while piece := answer.read1(65536):
                text += piece
        except TimeoutError:
            pass
        connection.close()
        assert answer.status < 500, (path, text)
        return text

    def log_in(self):
        import http.client
        connection = http.client.HTTPConnection('127.0.0.1', self.daemon.port, timeout=30)
        connection.request('POST', '/login', 'token=' + self.daemon.tokens['admin'], {'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin'})
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        return answer.getheader('Set-Cookie').split(';')[0]

    def files(self):
        """Everything below the daemon's folder but for the credentials themselves."""
        for path in glob.glob(os.path.join(self.daemon.folder, '**'), recursive=True) + glob.glob(os.path.join(self.daemon.folder, '**/.*'), recursive=True):
            if os.path.isfile(path) and '/credentials/' not in path:
                yield path, open(path, 'rb').read()


def found_in(seen, canaries):
    found = []
    for name, canary in canaries.items():
        for form, needle in canary.forms():
            found += ['%s: %s in %s: %r' % (name, form, where, text[max(0, text.index(needle) - 120):text.index(needle) + 60]) for where, text in seen.items() if needle in text]
    return found


def test_no_secret_is_seen_anywhere(life):
    daemon = life.daemon
    life.helmfile()
    life.start()
    life.deploy('first')
    data = life.cluster.get('/api/v1/namespaces/%s/configmaps/web' % life.namespace)['data']
    assert data['plain'] == CANARIES['environment secret'].text and data['part'] == CANARIES['environment secret'].core, 'the cluster got the real values'
    assert [data[key] for key in ('sopsed', 'looked', 'kubectl', 'reference')] == [CANARIES[name].text for name in (
        'sops value', 'Secret read by lookup', 'Secret read by kubectl', 'Secret read by reference')]

    life.helmfile('reuseValues: true\n    values: [{other: b}]')
    life.deploy('reuse')
    assert life.cluster.get('/api/v1/namespaces/%s/configmaps/note' % life.namespace)['data'] == {'kept': CANARIES['reused value'].text, 'other': 'b'}

    life.cluster.patch('/api/v1/namespaces/%s/secrets/web' % life.namespace, {'stringData': {'password': 'changed by hand'}})
    life.cluster.patch('/api/v1/namespaces/%s/configmaps/web' % life.namespace, {'data': {'plain': 'changed by hand'}})
    drift = daemon.request('GET', '/api/v1/drift?environment=prod', token='viewer')
    assert drift[0] == 200 and 'data' in json.dumps(drift[1]), drift
    life.seen['drift'] = json.dumps(drift).encode()
    life.seen['drift page'] = life.raw('/drift', {'Cookie': life.log_in()})

    life.repository.write('chart/values.yaml', CHART['values.yaml'].replace('nodeSelector: {}', 'nodeSelector: {nowhere: "true"}'))
    life.helmfile('reuseValues: true\n    values: [{other: b}]', timeout=4)
    life.deploy('a rollout that fails and is taken back', 'rolled_back')
    life.repository.write('chart/values.yaml', CHART['values.yaml'])
    life.helmfile('reuseValues: true\n    values: [{other: b}]')

    for name, (template, about) in MISTAKES.items():
        life.repository.write('chart/templates/mistake.yaml', template + '\n')
        one = life.push(name, 'plan_failed')
        assert about in one['reason'], (name, one['reason'])
    os.remove(os.path.join(life.repository.work, 'chart/templates/mistake.yaml'))
    whole = open(os.path.join(life.repository.work, 'helmfile.yaml.gotmpl')).read()
    for line in ('{{ fail (env "PASSWORD") }}', '{{ env "PASSWORD" }}: [', '{{ exec "/bin/echo" (list (env "PASSWORD")) }}', '{{ readFile (env "PASSWORD") }}',
                 'hooks: [{events: [prepare], command: /bin/false, args: [{{ env "KEPT" }}]}]', 'bases: [{{ env "KEPT" }}.yaml]'):
        life.repository.write('helmfile.yaml.gotmpl', whole + line + '\n')
        life.push(line.split(' (')[0], 'plan_failed')
    life.repository.write('helmfile.yaml.gotmpl', whole)
    os.remove(os.path.join(life.repository.work, 'chart/templates/config.yaml'))
    life.repository.write('chart/templates/deployment.yaml', CHART['templates/deployment.yaml'].replace('args: [{{ .Values.password | quote }}], ', ''))
    one = life.push('what was made from secrets goes', 'awaiting_approval')
    diff = str(daemon.request('GET', '/api/v1/deployments/%s/diff' % one['id'], headers={'Accept': 'text/plain'}, token='viewer')[1])
    assert 'ConfigMap %s/web will be deleted' % life.namespace in diff and 'shifted: (secret ' in diff, diff
    assert daemon.request('POST', '/api/v1/deployments/%s/reject' % one['id'], {'digest': one['digest'], 'comment': 'no'}, token='approver')[0] == 200

    life.seen.update(life.children.stop())
    life.read_all()
    backup = os.path.join(daemon.folder, 'backup')
    daemon.run('backup', '-c', daemon.config, backup)
    for command in (['audit', 'verify'], ['token', 'list']):
        life.seen[' '.join(command)] = daemon.run(*command, '-c', daemon.config).stdout.encode()
    life.seen.update({'what others heard %d' % i: text for i, text in enumerate(life.world.heard)})
    life.seen['sops'] = open(life.seen_by_sops, 'rb').read()
    assert b'--decrypt' in life.seen['sops'] and life.git.seen_elsewhere == []
    assert life.world.opened == {'registry password', 'chart repository password', 'address of a receiver', 'token for git and GitHub'}

    os.kill(daemon.process.pid, signal.SIGABRT)
    status = os.waitpid(daemon.process.pid, 0)[1]
    assert os.WTERMSIG(status) == signal.SIGABRT and not os.WCOREDUMP(status), 'no core is left, although the limit allowed one'
    life.seen.update(life.files())
    assert any(where.endswith('sluice.db') for where in life.seen) and backup in life.seen, sorted(life.seen)
    assert b'"level":"debug"' in life.seen[os.path.join(daemon.folder, 'log')]

    kubeconfig = json.load(open(life.cluster.kubeconfig))['users'][0]['user']['client-key-data']
    others = dict(CANARIES)
    for name, text in [('key of the kubeconfig', kubeconfig[200:240])] + list(daemon.tokens.items()):
        others[name] = Canary()
        others[name].core = others[name].text = text.removeprefix('slc_')
    key = open(os.path.join(daemon.folder, 'credentials/encryption_key'), 'rb').read()
    assert not [where for where, text in life.seen.items() if key in text or base64.b64decode(key) in text or base64.b64decode(key).hex().encode() in text]
    found = found_in(life.seen, others)
    assert not found, '%d places:\n%s' % (len(found), '\n'.join(found[:60]))
