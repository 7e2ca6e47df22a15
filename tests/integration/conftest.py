"""What the integration tests share: a real cluster, the program, a repository made with the real git, GitHub's signature."""
import base64, hashlib, hmac, http.client, importlib.util, json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, uuid

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SLUICE = os.environ.get('SLUICE', os.path.join(ROOT, 'build/release/sluice'))
CORPUS = os.environ.get('SLUICE_CORPUS', os.path.join(ROOT, '../shared/corpus'))
WEBHOOK_SECRET = 'a webhook secret that is used by tests alone'


def load_cluster_module():
    spec = importlib.util.spec_from_file_location('cluster', os.path.join(HERE, 'cluster', 'cluster.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Cluster:
    """A running control plane and a client for what tests want to know of it."""

    def __init__(self, folder, kubeconfig):
        self.folder, self.kubeconfig = folder, kubeconfig
        config = json.load(open(kubeconfig))
        self.endpoint = config['clusters'][0]['cluster']['server'].removeprefix('https://')
        self.api = load_cluster_module().Api(folder, int(self.endpoint.rsplit(':', 1)[1]))

    def get(self, path):
        return json.loads(self.api.call('GET', path))

    def exists(self, path):
        return load_cluster_module().api_exists(self.api, path)

    def create(self, path, body):
        return json.loads(self.api.call('POST', path, body))

    def apply(self, path, body):
        return json.loads(self.api.call('PATCH', path + '?fieldManager=test&force=true', body, 'application/apply-patch+yaml'))

    def patch(self, path, body):
        return json.loads(self.api.call('PATCH', path, body, 'application/merge-patch+json'))

    def delete(self, path):
        self.api.call('DELETE', path)


def fresh_cluster():
    """A cluster for as long as the fixture that yields from this."""
    module = load_cluster_module()
    if not shutil.which('etcd') and not os.path.exists('/usr/bin/etcd'):
        pytest.skip('SKIPPED LOUDLY: no etcd, so nothing was tested against a real API server')
    if not shutil.which('go') and not os.environ.get('SLUICE_CONTROL_PLANE') and not os.environ.get('KUBEBUILDER_ASSETS'):
        pytest.skip('SKIPPED LOUDLY: no Go and no built control plane, so nothing was tested against a real API server')
    folder = tempfile.mkdtemp(prefix='sluice-cluster-')
    try:
        yield Cluster(folder, module.start(folder))
    finally:
        module.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope='session')
def cluster():
    yield from fresh_cluster()


class Repository:
    """A bare repository, and a work tree that pushes to it."""

    def __init__(self, folder, name='ann/web'):
        self.name, self.bare, self.work = name, os.path.join(folder, 'origin.git'), os.path.join(folder, 'work')
        self.environment = dict(os.environ, HOME=folder, GIT_CONFIG_NOSYSTEM='1', GIT_AUTHOR_NAME='Ann', GIT_AUTHOR_EMAIL='ann@example.org',
                                GIT_COMMITTER_NAME='Ann', GIT_COMMITTER_EMAIL='ann@example.org')
        subprocess.run(['git', 'init', '-q', '--bare', '-b', 'main', self.bare], check=True, env=self.environment)
        subprocess.run(['git', 'init', '-q', '-b', 'main', self.work], check=True, env=self.environment)
        self.git('remote', 'add', 'origin', self.bare)

    def git(self, *arguments):
        return subprocess.run(['git', '-C', self.work, *arguments], check=True, env=self.environment, stdout=subprocess.PIPE, text=True).stdout.strip()

    def write(self, path, text):
        full = os.path.join(self.work, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w') as f:
            f.write(text)

    def copy(self, source, target):
        shutil.copytree(source, os.path.join(self.work, target), dirs_exist_ok=True)
        subprocess.run(['chmod', '-R', 'u+w', self.work], check=True)

    def push(self, message):
        self.git('add', '-A')
        self.git('commit', '-q', '--allow-empty', '-m', message)
        self.git('push', '-q', 'origin', 'HEAD:main')
        return self.git('rev-parse', 'HEAD')


def push_payload(repository, before, after, ref='refs/heads/main', sender='ann', sender_id=7):
    return {'ref': ref, 'before': before, 'after': after, 'created': False, 'deleted': False, 'forced': False,
            'repository': {'id': 4711, 'full_name': repository, 'default_branch': 'main'},
            'pusher': {'name': sender}, 'sender': {'login': sender, 'id': sender_id, 'type': 'User'},
            'head_commit': {'id': after, 'message': 'a commit', 'author': {'name': sender}}, 'commits': []}


class Daemon:
    """`sluice serve` with a configuration of its own."""

    def __init__(self, folder, config, program=SLUICE, environment=None):
        self.folder, self.program = folder, program
        self.config = os.path.join(folder, 'sluice.yaml')
        with open(self.config, 'w') as f:
            f.write(config)
        self.port = int(re.search(r'listen: 127\.0\.0\.1:(\d+)', config).group(1))
        self.environment = dict(os.environ, CREDENTIALS_DIRECTORY=os.path.join(folder, 'credentials'), **(environment or {}))
        self.environment.pop('KUBECONFIG', None)
        self.process = None
        self.tokens = {}

    def credential(self, name, text):
        os.makedirs(os.path.join(self.folder, 'credentials'), mode=0o700, exist_ok=True)
        path = os.path.join(self.folder, 'credentials', name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write(text)

    def run(self, *arguments, check=True, **environment):
        result = subprocess.run([self.program, *arguments], env=dict(self.environment, **environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and result.returncode != 0:
            raise AssertionError('%s: exit code %d\n%s%s' % (arguments, result.returncode, result.stdout, result.stderr))
        return result

    def token(self, name, *roles):
        roles = roles or (name,)
        arguments = ['token', 'create', '-c', self.config, '--name', name]
        for role in roles:
            arguments += ['--role', role]
        text = self.run(*arguments).stdout
        self.tokens[name] = re.search(r'slc_\S+', text).group(0)
        return self.tokens[name]

    def start(self, wait=True, **environment):
        self.log = open(os.path.join(self.folder, 'log'), 'ab')
        allow_root = ['--allow-root'] if os.getuid() == 0 else []
        self.process = subprocess.Popen([self.program, 'serve', '-c', self.config, *allow_root], env=dict(self.environment, **environment),
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds=20):
        deadline = time.time() + seconds
        while time.time() < deadline:
            if self.process.poll() is not None:
                raise AssertionError('sluice ended with %d\n%s' % (self.process.returncode, self.log_text()[-3000:]))
            try:
                if self.request('GET', '/healthz')[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError('sluice did not become ready\n' + self.log_text()[-3000:])

    def log_text(self):
        return open(os.path.join(self.folder, 'log'), errors='replace').read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError('sluice did not end on SIGTERM\n' + self.log_text()[-3000:])
        return None

    def request(self, method, path, body=None, headers=None, token=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        headers = dict(headers or {})
        if token:
            headers['Authorization'] = 'Bearer ' + self.tokens.get(token, token)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault('Content-Type', 'application/json')
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text.decode(errors='replace')

    def deliver(self, event, payload, guid=None, secret=WEBHOOK_SECRET):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.request('POST', '/webhooks/github', body, {
            'Content-Type': 'application/json', 'User-Agent': 'GitHub-Hookshot/abc', 'X-GitHub-Event': event, 'X-GitHub-Delivery': guid or str(uuid.uuid4()),
            'X-GitHub-Hook-ID': '1', 'X-Hub-Signature-256': 'sha256=' + signature})

    def deployments(self, **filters):
        query = '&'.join('%s=%s' % item for item in filters.items())
        status, answer = self.request('GET', '/api/v1/deployments?' + query, token='viewer')
        assert status == 200, answer
        return answer['items'] if 'items' in answer else answer['deployments']

    def deployment(self, number):
        status, answer = self.request('GET', '/api/v1/deployments/%s' % number, token='viewer')
        assert status == 200, answer
        return answer

    def wait_state(self, number, *states, seconds=60):
        deadline = time.time() + seconds
        while time.time() < deadline:
            answer = self.deployment(number)
            if answer['state'] in states:
                return answer
            if answer['state'] in ('plan_failed', 'failed', 'rejected', 'poisoned', 'cancelled', 'expired', 'superseded', 'succeeded', 'no_changes', 'rolled_back'):
                raise AssertionError('%s instead of %s: %s\n%s' % (answer['state'], states, json.dumps(answer, indent=1)[:3000], self.log_text()[-2000:]))
            time.sleep(0.05)
        raise AssertionError('still %s instead of %s\n%s' % (answer['state'], states, self.log_text()[-3000:]))

    def wait_new(self, after, seconds=30):
        """The number of the first deployment that is newer than `after`."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            newer = [d for d in self.deployments() if int(d['id']) > int(after)]
            if newer:
                return newer[-1]['id']
            time.sleep(0.05)
        raise AssertionError('no new deployment\n' + self.log_text()[-3000:])


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class daemon_maker:
    """Makes a Daemon for a repository and a cluster; stop_all() ends all of them."""

    def __init__(self, folder):
        self.folder, self.made = str(folder), []

    def __call__(self, repository, cluster, helmfile='helmfile.yaml', environment='prod', extra_environment='', extra='', extra_repository='', variables='',
                 triggers='[{push: {branch: "**/*"}}, {manual: {}}]', program=SLUICE, roles=('viewer', 'approver', 'operator', 'admin'), **kwargs):
        folder = os.path.join(self.folder, 'daemon%d' % len(self.made))
        os.makedirs(os.path.join(folder, 'data'), mode=0o700)
        os.chmod(folder, 0o700)
        port = free_port()
        config = f'''
data_dir: {folder}/data
encryption_key: {{credential: encryption_key}}
server: {{listen: 127.0.0.1:{port}, public_url: "http://127.0.0.1:{port}"}}
clusters:
  test: {{kubeconfig: {{credential: kubeconfig}}, allow: ["{cluster.endpoint if cluster else '127.0.0.1:1'}"]}}
environments:
  {environment}:
    cluster: test
    variables: {{{variables}}}
{extra_environment}
repositories:
  - name: {repository.name}
    url: {repository.bare}
    webhook_secret: {{credential: webhook_secret}}
    helmfile: {helmfile}
    environments: {{{environment}: {{on: {triggers}}}}}
{extra_repository}
{extra}
'''
        daemon = Daemon(folder, config, program, **kwargs)
        daemon.credential('encryption_key', base64.b64encode(os.urandom(32)).decode())
        daemon.credential('webhook_secret', WEBHOOK_SECRET)
        daemon.credential('kubeconfig', open(cluster.kubeconfig).read() if cluster else NO_CLUSTER)
        self.made.append(daemon)
        for role in roles:
            daemon.token(role)
        return daemon

    def stop_all(self):
        for daemon in self.made:
            if daemon.process and daemon.process.poll() is None:
                daemon.process.send_signal(signal.SIGTERM)
                try:
                    daemon.process.wait(20)
                except subprocess.TimeoutExpired:
                    daemon.kill()


# a kubeconfig that is well-formed and leads nowhere
NO_CLUSTER = json.dumps({'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'x', 'clusters': [{'name': 'x', 'cluster': {'server': 'https://127.0.0.1:1'}}],
                         'users': [{'name': 'x', 'user': {'token': 'x'}}], 'contexts': [{'name': 'x', 'context': {'cluster': 'x', 'user': 'x'}}]})


@pytest.fixture
def make_daemon(tmp_path):
    maker = daemon_maker(tmp_path)
    yield maker
    maker.stop_all()


@pytest.fixture
def repository(tmp_path):
    return Repository(str(tmp_path))
