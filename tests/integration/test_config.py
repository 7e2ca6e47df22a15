"""What `serve` and `check` say of a configuration, a credential or a data folder that cannot be used, and with which exit code they end."""
import base64, json, os, sqlite3, subprocess, time

import pytest

from conftest import SLUICE, free_port

DONE, FAILED, USAGE, TRY_AGAIN, NOT_PERMITTED, CONFIGURATION = 0, 1, 2, 75, 77, 78
CONFIG = '''
data_dir: {folder}/data
encryption_key: {{file: {folder}/encryption_key}}
server: {{listen: "127.0.0.1:{port}"}}
clusters:
  test:
    kubeconfig: {{file: {folder}/kubeconfig}}
    allow: ["127.0.0.1:1"]
environments:
  prod:
    cluster: test
    expires_after: 72h
repositories:
  - name: ann/web
    url: {folder}/origin.git
    webhook_secret: {{file: {folder}/webhook_secret}}
    helmfile: helmfile.yaml
    environments:
      prod:
        on: [{{push: {{branch: main}}}}]
'''


class Place:
    """A folder with a configuration in it that is good until a test spoils it."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.text = CONFIG.format(folder=self.folder, port=free_port())
        self.secret('encryption_key', base64.b64encode(os.urandom(32)).decode())
        self.secret('webhook_secret', 'w' * 40)
        self.secret('kubeconfig', '{}')
        subprocess.run(['git', 'init', '-q', '--bare', self.folder + '/origin.git'], check=True)

    def secret(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, 'w') as f:
            f.write(text)
        os.chmod(path, mode)

    def run(self, command, *arguments, text=None, **environment):
        path = os.path.join(self.folder, 'sluice.yaml')
        with open(path, 'w') as f:
            f.write(text if text is not None else self.text)
        allow = ['--allow-root'] if command == 'serve' and os.getuid() == 0 else []
        clean = {name: value for name, value in os.environ.items() if name not in ('CREDENTIALS_DIRECTORY', 'KUBECONFIG')}
        done = subprocess.run([SLUICE, command, '-c', path, *allow, *arguments], env=dict(clean, **environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def changed(self, old, new):
        assert old in self.text
        return self.text.replace(old, new)

    def refused_by_both(self, text, *words):
        """Both commands end with 78 and say the words; serve says them in one line of its log."""
        code, said = self.run('check', text=text)
        assert code == CONFIGURATION, said
        for word in words:
            assert word in said, said
        code, said = self.run('serve', text=text)
        assert code == CONFIGURATION, said
        lines = [json.loads(line) for line in said.splitlines()]
        error = [line for line in lines if line['level'] == 'error' and line['msg'] == 'cannot start']
        assert len(error) == 1, said
        for word in words:
            assert word in error[0]['error'], said
        assert not os.path.exists(self.folder + '/data/sluice.db'), 'nothing was made'


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.mark.parametrize('old, new, words', [
    ('cluster: test', 'clutser: test', ('sluice.yaml:11:5:', 'environments.prod.clutser', 'did you mean "cluster"?')),
    ('expires_after: 72h', 'expires_after: 72', ('environments.prod.expires_after', '"72"', 'such as 90s, 15m or 72h')),
    ('expires_after: 72h', 'expires_after: 72 parsecs', ('expires_after', 'parsecs')),
    ('expires_after: 72h', 'expires_after: 9000h', ('expires_after', 'at most 720h')),
    ('cluster: test', 'cluster: tset', ('there is no cluster "tset"', 'did you mean "test"?')),
    ('      prod:\n', '      porduction:\n', ('there is no environment "porduction"',)),
    ('allow: ["127.0.0.1:1"]', 'allow: []', ('clusters.test.allow', '203.0.113.7:6443')),
    ('url: ', 'url: file://', ('url', 'https://')),
    ('helmfile: helmfile.yaml', 'helmfile: ../helmfile.yaml', ('inside the repository',)),
    ('data_dir: /', 'data_dir: ./', ('data_dir', 'absolute')),
    ('cluster: test', 'cluster: [test', ('sluice.yaml:',)),
    ('[{push: {branch: main}}]', '[{psuh: {branch: main}}]', ('psuh', 'did you mean "push"?')),
])
def test_a_mistake_in_the_file_is_named_with_its_line_and_what_was_expected(place, old, new, words):
    place.refused_by_both(place.changed(old, new), *words)


def test_every_mistake_is_told_at_once(place):
    text = place.changed('cluster: test', 'clutser: test').replace('72h', '72')
    code, said = place.run('check', text=text)
    assert code == CONFIGURATION and 'clutser' in said and 'expires_after' in said


@pytest.mark.parametrize('where', ['encryption_key', 'webhook_secret', 'kubeconfig'])
def test_a_secret_in_the_file_is_refused_and_not_repeated(place, where):
    text = place.changed('%s: {file: %s/%s}' % (where, place.folder, where), '%s: hunter2hunter2' % where)
    place.refused_by_both(text, where, '{credential:')
    assert 'hunter2' not in place.run('check', text=text)[1] + place.run('serve', text=text)[1]


def test_a_file_that_is_not_there(place):
    for command in ('check', 'serve'):
        done = subprocess.run([SLUICE, command, '-c', place.folder + '/nowhere.yaml'] + (['--allow-root'] if command == 'serve' and os.getuid() == 0 else []),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == CONFIGURATION and 'nowhere.yaml' in done.stdout and 'No such file' in done.stdout, done.stdout
    assert subprocess.run([SLUICE, 'serve'], stderr=subprocess.DEVNULL).returncode == USAGE
    assert subprocess.run([SLUICE, 'srve'], stderr=subprocess.DEVNULL).returncode == USAGE


@pytest.mark.parametrize('name', ['encryption_key', 'webhook_secret'])
def test_a_credential_that_is_missing_empty_or_open_to_others(place, name):
    path = os.path.join(place.folder, name)
    os.chmod(path, 0o640)
    code, said = place.run('serve')
    assert code == NOT_PERMITTED and path in said and 'chmod 0600' in said, said
    code, said = place.run('check')
    assert code == FAILED and 'BAD' in said and path in said and 'chmod 0600' in said, said
    os.chmod(path, 0o600)
    open(path, 'w').close()
    code, said = place.run('serve')
    assert code == CONFIGURATION and path in said and 'is empty' in said, said
    os.remove(path)
    code, said = place.run('serve')
    assert code == CONFIGURATION and path in said and 'No such file' in said, said
    assert place.run('check')[0] == FAILED
    assert not os.path.exists(place.folder + '/data/sluice.db'), 'nothing was made'


def test_credentials_of_the_service_manager(place):
    text = place.changed('{file: %s/webhook_secret}' % place.folder, '{credential: webhook_secret}')
    code, said = place.run('serve', text=text)
    assert code == CONFIGURATION and 'LoadCredential=webhook_secret' in said, said
    code, said = place.run('serve', text=text, CREDENTIALS_DIRECTORY=place.folder + '/none')
    assert code == CONFIGURATION and 'credential webhook_secret' in said, said


def test_a_daemon_takes_no_secret_from_its_environment(place):
    text = place.changed('{file: %s/webhook_secret}' % place.folder, '{env: HOOK}')
    code, said = place.run('serve', text=text, HOOK='hunter2' * 6)
    assert code == NOT_PERMITTED and 'environment variable HOOK' in said and 'hunter2' not in said, said


def test_a_key_that_is_too_short_or_another_one(place):
    place.secret('encryption_key', 'short')
    code, said = place.run('serve')
    assert code == CONFIGURATION and 'at least 32' in said and 'short' not in said.replace('shorter', ''), said
    place.secret('encryption_key', base64.b64encode(b'a' * 32).decode())
    stop(start(place))
    place.secret('encryption_key', base64.b64encode(b'b' * 32).decode())
    code, said = place.run('serve')
    assert code == CONFIGURATION and 'give the old key back' in said, said


def test_root_is_refused_unless_asked_for(place):
    if os.getuid() != 0:
        pytest.skip('SKIPPED LOUDLY: not root, so root could not be refused')
    open(place.folder + '/sluice.yaml', 'w').write(place.text)
    done = subprocess.run([SLUICE, 'serve', '-c', place.folder + '/sluice.yaml'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == NOT_PERMITTED and '--allow-root' in done.stdout, done.stdout
    assert not os.path.exists(place.folder + '/data')


def start(place):
    open(place.folder + '/sluice.yaml', 'w').write(place.text)
    process = subprocess.Popen([SLUICE, 'serve', '-c', place.folder + '/sluice.yaml'] + (['--allow-root'] if os.getuid() == 0 else []),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        if '"serving"' in line:
            return process
    raise AssertionError('ended with %d' % process.wait())


def stop(process):
    process.terminate()
    assert process.wait(30) == DONE, process.stdout.read()
    process.stdout.close()


def test_a_second_daemon_on_the_same_data_ends_and_the_first_goes_on(place):
    first = start(place)
    try:
        code, said = place.run('serve', text=place.text.replace('listen: "127.0.0.1:', 'listen: "127.0.0.2:'))
        assert code == TRY_AGAIN and 'in use by another sluice' in said, said
        assert first.poll() is None
    finally:
        stop(first)


def test_a_port_that_is_taken(place, tmp_path_factory):
    first = start(place)
    try:
        other = Place(tmp_path_factory.mktemp('other'))
        port = place.text.split('127.0.0.1:')[1].split('"')[0]
        code, said = other.run('serve', text=CONFIG.format(folder=other.folder, port=port))
        assert code == TRY_AGAIN and port in said and 'in use' in said.lower(), said
    finally:
        stop(first)


def test_a_database_of_a_newer_version_is_left_alone(place):
    stop(start(place))
    path = place.folder + '/data/sluice.db'
    database = sqlite3.connect(path)
    version = database.execute('PRAGMA user_version').fetchone()[0]
    database.execute('PRAGMA user_version = %d' % (version + 1))
    database.commit()
    database.close()
    before = open(path, 'rb').read()
    code, said = place.run('serve')
    assert code == CONFIGURATION and 'schema %d' % (version + 1) in said and 'up to %d' % version in said, said
    assert open(path, 'rb').read() == before


@pytest.mark.parametrize('what', ['no database', 'cut off', 'overwritten'])
def test_a_damaged_database_is_refused_with_advice(place, what):
    stop(start(place))
    path = place.folder + '/data/sluice.db'
    whole = open(path, 'rb').read()
    damaged = {'no database': b'x' * len(whole), 'cut off': whole[:len(whole) // 2 // 4096 * 4096], 'overwritten': whole[:8192] + b'\xff' * 8192 + whole[16384:]}[what]
    open(path, 'wb').write(damaged)
    code, said = place.run('serve')
    assert code == CONFIGURATION and 'backup' in said, said
    assert open(path, 'rb').read() == damaged, 'nothing is repaired by guessing'


def test_a_data_folder_that_others_may_write_to(place):
    os.mkdir(place.folder + '/data', 0o777)
    os.chmod(place.folder + '/data', 0o777)
    code, said = place.run('serve')
    assert code == NOT_PERMITTED and place.folder + '/data' in said, said
