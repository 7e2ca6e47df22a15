"""What becomes of a deployment whose repository, commit, template or configuration is not there or not right: `plan_failed` and a reason to act on."""
import json, os, signal, time, uuid

import pytest

from conftest import push_payload

HELMFILE = '''
environments: {prod: {}}
---
releases:
  - {name: web, namespace: %s, chart: ./chart}
'''
CONFIG_MAP = '''apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: {{ .Values.greeting | quote }}}
'''


@pytest.fixture
def app(cluster, repository, make_daemon):
    """A daemon, and a repository that is good until a test spoils it."""
    class App:
        pass
    app = App()
    app.namespace = 'plan-' + uuid.uuid4().hex[:8]
    app.repository, app.cluster, app.last = repository, cluster, 0
    repository.write('helmfile.yaml', HELMFILE % app.namespace)
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/values.yaml', 'greeting: hello\n')
    repository.write('chart/templates/config.yaml', CONFIG_MAP)
    app.daemon = make_daemon(repository, cluster)
    app.daemon.start()

    def deliver(sha, ref='refs/heads/main'):
        status, answer = app.daemon.deliver('push', push_payload(repository.name, '0' * 40, sha, ref))
        assert status == 202, answer
        app.last = app.daemon.wait_new(app.last)
        return app.last

    def ended(number, state):
        """The deployment in that state, after a look at the log, the events and the cluster."""
        one = app.daemon.wait_state(number, state)
        assert one['final'] and one['reason'] and not one['digest'] and not one['can_approve'], one
        lines = [json.loads(line) for line in app.daemon.log_text().splitlines()]
        assert [line for line in lines if line.get('state') == state and one['reason'].startswith(line['reason'].split('…(+')[0])], app.daemon.log_text()[-2000:]
        status, answer = app.daemon.request('POST', '/api/v1/deployments/%s/approve' % number, {'digest': '0' * 64}, token='approver')
        assert status == 409, answer
        assert app.daemon.request('GET', '/api/v1/deployments/%s/diff' % number, token='viewer')[0] == 404
        assert not cluster.exists('/api/v1/namespaces/' + app.namespace), 'nothing was written'
        return one['reason']

    def decidable(number):
        one = app.daemon.request('GET', '/api/v1/deployments/%s' % number, token='approver')[1]
        return one['can_approve'], one['can_approve_reason']

    def heals():
        """The next good push is planned: nothing of the failure sticks."""
        repository.write('helmfile.yaml', HELMFILE % app.namespace)
        repository.write('chart/templates/config.yaml', CONFIG_MAP)
        number = deliver(repository.push('mended'))
        app.daemon.wait_state(number, 'awaiting_approval')

    app.deliver, app.ended, app.heals, app.decidable = deliver, ended, heals, decidable
    app.fails = lambda: ended(deliver(repository.push('spoilt')), 'plan_failed')
    return app


def test_a_repository_without_its_helmfile(app):
    os.remove(app.repository.work + '/helmfile.yaml')
    reason = app.fails()
    assert 'helmfile.yaml' in reason and 'not found' in reason, reason
    app.heals()


def test_a_helmfile_that_is_no_helmfile(app):
    app.repository.write('helmfile.yaml', 'releases:\n  - name: [web\n')
    reason = app.fails()
    assert 'helmfile.yaml' in reason, reason
    app.heals()


def test_an_environment_that_the_helmfile_does_not_have(app):
    app.repository.write('helmfile.yaml', (HELMFILE % app.namespace).replace('prod', 'staging'))
    reason = app.fails()
    assert 'no releases found' in reason and 'environment(prod)' in reason, reason


def test_a_chart_that_is_not_there(app):
    app.repository.write('helmfile.yaml', (HELMFILE % app.namespace).replace('./chart', './chrat'))
    reason = app.fails()
    assert 'chrat' in reason and app.daemon.folder not in reason, reason


@pytest.mark.parametrize('line, expected', [
    ('{{ .Values.greeting | nosuch }}', ('web/templates/config.yaml:4', 'function "nosuch" not defined')),
    ('{{ .Values.nothing.below }}', ('web/templates/config.yaml:4:', 'nil pointer evaluating interface {}.below')),
    ('{{ required "name a host" .Values.host }}', ('web/templates/config.yaml:4:', 'name a host')),
    ('{{ fail "not like this" }}', ('web/templates/config.yaml:4:', 'not like this')),
    ('{{ if }}', ('web/templates/config.yaml:4', 'missing value for if')),
    ('{{ "hello }}', ('web/templates/config.yaml:4', 'unterminated quoted string')),
    ('a: [', ('web/templates/config.yaml', 'YAML')),
])
def test_a_broken_template_is_named_with_its_place_as_helm_does(app, line, expected):
    app.repository.write('chart/templates/config.yaml', CONFIG_MAP.replace('\ndata:', '\n' + line + '\ndata:'))
    reason = app.fails()
    for word in expected:
        assert word in reason, reason
    assert app.daemon.folder not in reason and '\n' not in reason, reason
    app.heals()


def test_a_template_that_never_ends_is_stopped_and_the_next_plan_is_made(app):
    app.repository.write('chart/templates/_loop.tpl', '{{ define "loop" }}{{ include "loop" . }}{{ end }}')
    app.repository.write('chart/templates/config.yaml', CONFIG_MAP + '# {{ include "loop" . }}\n')
    reason = app.fails()
    assert 'web/templates/config.yaml:5:' in reason and 'rendering template has a nested reference name: loop' in reason, reason[-300:]
    assert len(reason) < 4100
    os.remove(app.repository.work + '/chart/templates/_loop.tpl')
    app.heals()


def test_objects_that_the_cluster_does_not_know_or_refuses(app):
    app.repository.write('chart/templates/config.yaml', CONFIG_MAP.replace('kind: ConfigMap', 'kind: ConfigMapp'))
    reason = app.fails()
    assert 'ConfigMapp' in reason, reason
    app.heals()


def test_a_commit_that_vanished(app):
    app.deliver(app.repository.push('first'))
    gone = app.repository.push('second')
    app.repository.git('reset', '-q', '--hard', 'HEAD~1')
    app.repository.git('push', '-q', '-f', 'origin', 'HEAD:main')
    # the push event of a commit that is no longer the head
    one = app.daemon.wait_state(app.deliver(gone), 'superseded')
    assert 'has moved on to' in one['reason'], one
    # a commit that nobody has
    status, made = app.daemon.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'd' * 40}, token='operator')
    assert status == 201, made
    reason = app.daemon.wait_state(made['id'], 'plan_failed')['reason']
    assert 'd' * 40 in reason, reason
    # a branch that is gone by the time it is looked at
    app.repository.git('commit', '-q', '--allow-empty', '-m', 'aside')
    app.last = made['id']
    one = app.daemon.wait_state(app.deliver(app.repository.git('rev-parse', 'HEAD'), 'refs/heads/side'), 'superseded')
    assert 'refs/heads/side is gone' in one['reason'], one
    status, made = app.daemon.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'nowhere'}, token='operator')
    assert status == 201, made
    assert 'no branch or tag "nowhere"' in app.daemon.wait_state(made['id'], 'plan_failed')['reason']


def test_a_remote_that_is_gone_and_comes_back(app):
    os.rename(app.repository.bare, app.repository.bare + '.away')
    number = app.deliver('a' * 40)
    reason = app.ended(number, 'plan_failed')
    assert 'origin.git' in reason and 'does not appear to be a git repository' in reason, reason
    os.rename(app.repository.bare + '.away', app.repository.bare)
    app.heals()


def test_an_environment_that_a_reload_removed(app):
    number = app.deliver(app.repository.push('first'))
    digest = app.daemon.wait_state(number, 'awaiting_approval')['digest']
    good = open(app.daemon.config).read()

    def reload(text, word):
        before = len(app.daemon.log_text())
        open(app.daemon.config, 'w').write(text)
        app.daemon.process.send_signal(signal.SIGHUP)
        deadline = time.time() + 10
        while time.time() < deadline:
            for line in app.daemon.log_text()[before:].splitlines():
                if word in line:
                    return json.loads(line)
            time.sleep(0.02)
        raise AssertionError(app.daemon.log_text()[-2000:])

    # a bad one leaves the old one in force
    for bad, word in ((good.replace('clusters:', 'clutsers:'), 'clutsers'), (good.replace('data_dir: ', 'data_dir: /elsewhere'), 'data_dir cannot change'),
                      (good.replace('credential: webhook_secret', 'credential: nowhere'), 'nowhere'), ('', 'mapping')):
        line = reload(bad, 'the new configuration is not in force')
        assert line['level'] == 'error' and word in line['error'], line
        assert app.daemon.deliver('ping', {'zen': 'x'})[0] == 200
        assert app.decidable(number) == (True, ''), 'the old configuration goes on'

    without = good.replace('  prod:\n    cluster: test', '  other:\n    cluster: test').replace('{prod: {on:', '{other: {on:')
    assert reload(without, 'configuration reloaded')['level'] == 'info'
    assert app.daemon.deployment(number)['state'] == 'awaiting_approval'
    may, why = app.decidable(number)
    assert not may and 'prod' in why, why
    status, answer = app.daemon.request('POST', '/api/v1/deployments/%s/approve' % number, {'digest': digest}, token='approver')
    assert status == 409 and 'prod' in answer['message'], answer
    status, answer = app.daemon.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'main'}, token='operator')
    assert status == 404, answer
    assert not app.cluster.exists('/api/v1/namespaces/' + app.namespace)
    # back again, the same plan can be decided on
    reload(good, 'configuration reloaded')
    status, answer = app.daemon.request('POST', '/api/v1/deployments/%s/approve' % number, {'digest': digest}, token='approver')
    assert status == 200, answer
    app.daemon.wait_state(number, 'succeeded')
