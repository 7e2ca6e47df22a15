"""Repositories over https with a token and over ssh with a key, from real git servers: what comes, what is refused, what is seen of the credential."""
import glob, os, shutil, time

import pytest

from conftest import push_payload
from git_servers import Authority, HttpsServer, SshServer

TOKEN = 'ghs_0123456789abcdefTOKENofTESTS'
MANIFEST = '''
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: hello}
'''


@pytest.fixture
def filled(repository):
    """A repository of plain manifests with one commit."""
    repository.write('k8s/web.yaml', MANIFEST)
    repository.sha = repository.push('first')
    return repository


@pytest.fixture
def https(filled, tmp_path):
    authority = Authority(str(tmp_path))
    server = HttpsServer(os.path.dirname(filled.bare), *authority.issue('DNS:localhost'), token=TOKEN)
    server.authority = authority
    yield server
    server.stop()


@pytest.fixture
def sshd(filled, tmp_path):
    if not os.path.exists('/usr/sbin/sshd'):
        pytest.skip('SKIPPED LOUDLY: no sshd, so nothing was fetched over ssh')
    server = SshServer(str(tmp_path))
    yield server
    server.stop()


def remote_daemon(make_daemon, repository, cluster, url, keys, **kwargs):
    """A daemon whose repository is at `url`, with `keys` beside it."""
    daemon = make_daemon(repository, cluster, **kwargs)
    text = open(daemon.config).read().replace('url: ' + repository.bare, 'url: %s\n    %s' % (url, keys))
    text = text.replace('helmfile: helmfile.yaml', 'manifests: k8s\n    release: web\n    namespace: remote')
    with open(daemon.config, 'w') as f:
        f.write(text)
    return daemon


def https_daemon(make_daemon, repository, cluster, server, authority=None, token=TOKEN, **kwargs):
    keys = 'token: {credential: git_token}\n    certificate_authority: %s' % (authority or server.authority).certificate
    daemon = remote_daemon(make_daemon, repository, cluster, server.url('origin.git'), keys, **kwargs)
    daemon.credential('git_token', token)
    return daemon


def ssh_daemon(make_daemon, repository, cluster, server, key=None, **kwargs):
    daemon = remote_daemon(make_daemon, repository, cluster, server.url(repository.bare), 'ssh: {key: {credential: ssh_key}, known_hosts: %s}' % server.known_hosts, **kwargs)
    daemon.credential('ssh_key', open(key or server.user_key).read())
    return daemon


def plans(daemon, repository):
    daemon.start()
    assert daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.sha))[0] == 202
    return daemon.wait_state(daemon.wait_new(0), 'awaiting_approval')


def check_line(daemon, repository):
    """What `sluice check` says of the repository."""
    result = daemon.run('check', '-c', daemon.config, check=False)
    lines = [line for line in (result.stdout + result.stderr).splitlines() if 'repository %s:' % repository.name in line]
    assert len(lines) == 1, result.stdout + result.stderr
    return lines[0]


def failure_of(daemon, repository):
    """The reason why planning failed."""
    daemon.start()
    assert daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.sha))[0] == 202
    return daemon.wait_state(daemon.wait_new(0), 'plan_failed')['reason']


def everything_written(daemon):
    texts = [daemon.log_text()]
    for path in glob.glob(os.path.join(daemon.folder, 'data', '**'), recursive=True):
        if os.path.isfile(path):
            texts.append(open(path, 'rb').read().decode('latin-1'))
    return '\n'.join(texts)


def test_a_push_is_fetched_by_https_with_the_token_and_planned(filled, cluster, make_daemon, https):
    daemon = https_daemon(make_daemon, filled, cluster, https)
    waiting = plans(daemon, filled)
    assert waiting['commit'] == filled.sha
    assert https.seen_elsewhere == [], 'the token is in no argument and no environment while git talks to the server'
    assert TOKEN not in everything_written(daemon)


def test_a_push_is_fetched_by_ssh_with_the_key_and_planned(filled, cluster, make_daemon, sshd):
    daemon = ssh_daemon(make_daemon, filled, cluster, sshd)
    assert plans(daemon, filled)['commit'] == filled.sha


def test_check_says_that_the_repository_can_be_read(filled, make_daemon, https, sshd):
    line = check_line(https_daemon(make_daemon, filled, None, https), filled)
    assert line == 'ok   repository ann/web: 1 branches and tags at ' + https.url('origin.git')
    line = check_line(ssh_daemon(make_daemon, filled, None, sshd), filled)
    assert line == 'ok   repository ann/web: 1 branches and tags at ' + sshd.url(filled.bare)


def test_a_wrong_token_is_git_auth_and_not_repeated(filled, cluster, make_daemon, https):
    daemon = https_daemon(make_daemon, filled, cluster, https, token='wrong' + TOKEN)
    expected = 'git-auth: the server refuses the token; is there one, has it expired, may it read the repository?'
    assert expected in check_line(daemon, filled)
    before = len(https.requests)
    reason = failure_of(daemon, filled)
    assert expected in reason and 'wrong' + TOKEN not in reason, reason
    assert len(https.requests) - before <= 3, 'a refused token is not tried again'
    assert 'wrong' + TOKEN not in everything_written(daemon)


def test_another_authority_is_tls_verify_and_gets_no_token(filled, cluster, make_daemon, https, tmp_path):
    daemon = https_daemon(make_daemon, filled, cluster, https, authority=Authority(str(tmp_path), 'other'))
    expected = 'tls-verify: the server\'s certificate is not trusted'
    assert expected in check_line(daemon, filled)
    assert expected in failure_of(daemon, filled)
    assert https.requests == []


def test_a_certificate_for_another_name_is_tls_verify(filled, make_daemon, https):
    daemon = remote_daemon(make_daemon, filled, None, 'https://127.0.0.1:%d/origin.git' % https.port,
                           'token: {credential: git_token}\n    certificate_authority: ' + https.authority.certificate)
    daemon.credential('git_token', TOKEN)
    assert 'tls-verify: ' in check_line(daemon, filled)
    assert https.requests == []


def test_the_systems_authorities_do_not_count_beside_ours_and_ours_not_without_being_named(filled, make_daemon, https):
    daemon = remote_daemon(make_daemon, filled, None, https.url('origin.git'), 'token: {credential: git_token}')
    daemon.credential('git_token', TOKEN)
    assert 'tls-verify: ' in check_line(daemon, filled)


def test_a_redirect_to_another_host_is_refused_and_carries_no_token(filled, cluster, make_daemon, https, tmp_path):
    elsewhere = HttpsServer(os.path.dirname(filled.bare), *https.authority.issue('DNS:localhost'), token=TOKEN)
    try:
        https.redirect_to = 'https://localhost:%d' % elsewhere.port
        daemon = https_daemon(make_daemon, filled, cluster, https)
        expected = 'git-redirect: the server redirects elsewhere'
        assert expected in check_line(daemon, filled)
        assert expected in failure_of(daemon, filled)
        assert elsewhere.requests == []
    finally:
        elsewhere.stop()


def test_a_repository_that_is_not_there_is_git_not_found(filled, make_daemon, https):
    daemon = https_daemon(make_daemon, filled, None, https)
    with open(daemon.config) as f:
        text = f.read()
    with open(daemon.config, 'w') as f:
        f.write(text.replace('/origin.git', '/nowhere.git'))
    assert 'git-not-found: there is no such repository, or the credential may not see it' in check_line(daemon, filled)


def test_an_answer_that_is_cut_is_asked_for_again_until_it_comes_whole(filled, cluster, make_daemon, https):
    for number in range(40):
        filled.write('data/%d' % number, os.urandom(2000).hex())
    filled.sha = filled.push('much')
    https.cut_after = 20000
    daemon = https_daemon(make_daemon, filled, cluster, https)
    daemon.start()
    assert daemon.deliver('push', push_payload(filled.name, '0' * 40, filled.sha))[0] == 202
    number = daemon.wait_new(0)
    deadline = time.time() + 30
    while 'git-unreachable' not in str(daemon.request('GET', '/api/v1/deployments/%s/events' % number, headers={'Accept': 'application/json'}, token='viewer')[1]):
        assert time.time() < deadline, daemon.log_text()
    https.cut_after = None
    assert daemon.wait_state(number, 'awaiting_approval')['commit'] == filled.sha
    left = glob.glob(os.path.join(daemon.folder, 'data/git/*/mirror.git/objects/pack/tmp_*'))
    assert left == []


def test_a_host_key_that_is_not_pinned_or_has_changed_is_refused(filled, cluster, make_daemon, sshd):
    expected = "git-host-key: the host's key is not the one in known_hosts"
    open(sshd.known_hosts, 'w').close()
    assert expected in check_line(ssh_daemon(make_daemon, filled, None, sshd), filled)
    sshd.pin(sshd.other_key)
    daemon = ssh_daemon(make_daemon, filled, cluster, sshd)
    assert expected in check_line(daemon, filled)
    assert expected in failure_of(daemon, filled)
    assert open(sshd.known_hosts).read().count('\n') == 1, 'nothing was added to what is pinned'


def test_a_key_that_the_host_does_not_know_is_git_auth(filled, cluster, make_daemon, sshd):
    daemon = ssh_daemon(make_daemon, filled, cluster, sshd, key=sshd.other_key)
    expected = 'git-auth: the host refuses the key; may this key read the repository?'
    assert expected in check_line(daemon, filled)
    assert expected in failure_of(daemon, filled)


def test_a_key_file_that_others_may_read_is_refused_by_name(filled, make_daemon, sshd):
    daemon = ssh_daemon(make_daemon, filled, None, sshd)
    open_key = sshd.path('open')
    shutil.copy(sshd.user_key, open_key)
    os.chmod(open_key, 0o644)
    with open(daemon.config) as f:
        text = f.read()
    with open(daemon.config, 'w') as f:
        f.write(text.replace('{credential: ssh_key}', '{file: %s}' % open_key))
    assert 'ann/web: ssh.key: file %s: other users may read it; close it with chmod 0600' % open_key in check_line(daemon, filled)


def test_a_host_that_refuses_connections_is_git_unreachable(filled, make_daemon, https, sshd):
    by_https, by_ssh = https_daemon(make_daemon, filled, None, https), ssh_daemon(make_daemon, filled, None, sshd)
    https.stop()
    sshd.stop()
    for daemon in (by_https, by_ssh):
        assert 'git-unreachable: ' in check_line(daemon, filled)
