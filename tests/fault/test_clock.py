"""Clocks that jump: the calendar by years, the monotonic one as after a long pause of the process."""
import time

from conftest import push_payload
from test_lifecycle import Held, begin, wait_until
from test_loop import HELMFILE, app, live  # noqa: F401  (the fixture)

YEARS = 10 * 365 * 24 * 3600 * 1000


def with_shim(app, shim):
    daemon = app.start()
    daemon.stop()
    daemon.start(**shim.environment(daemon))
    return daemon


def test_a_push_that_slept_past_its_lease_ends_before_it_is_taken_up_again(app, shim):
    held = Held(app)
    app.repository.write('helmfile.yaml.gotmpl', (HELMFILE % {'namespace': app.namespace}).replace('timeout: 60', 'timeout: 900'))
    daemon = with_shim(app, shim)
    number = begin(app)
    generation = live(app)['metadata']['generation']
    shim.set(steady=300_000)
    wait_until('it is taken up again', lambda: '"resumes":true' in daemon.log_text(), 60)
    log = daemon.log_text()
    assert log.count('"push begins"') == 2
    assert 0 < log.find('"push lost its lease"') < log.find('"resumes":true'), 'there were two pushes at once'
    held.release()
    daemon.wait_state(number, 'succeeded')
    assert live(app)['metadata']['generation'] == generation, 'it was not written again'
    secrets = app.cluster.get('/api/v1/namespaces/%s/secrets?labelSelector=owner%%3Dhelm' % app.namespace)['items']
    assert [(s['metadata']['labels']['version'], s['metadata']['labels']['status']) for s in secrets] == [('1', 'deployed')]


def test_the_calendar_neither_expires_nor_repeats_nor_prolongs_anything(app, shim):
    daemon = with_shim(app, shim)
    first = app.push('first')
    daemon.wait_state(first, 'awaiting_approval')
    for wall in (YEARS, -YEARS, 0, YEARS):
        shim.set(wall=wall)
        # the same event again makes no second deployment, and one sweep at least has looked at the deadlines
        assert daemon.deliver('push', push_payload(app.repository.name, '0' * 40, app.head))[1] == {'status': 'duplicate'}
        time.sleep(3.2)
        assert [(d['id'], d['state']) for d in daemon.deployments()] == [(first, 'awaiting_approval')]
    shim.set(wall=-YEARS)
    assert app.approve(first)[0] == 200
    daemon.wait_state(first, 'succeeded')
    second = app.push('second')
    daemon.wait_state(second, 'awaiting_approval')
    assert [d['id'] for d in daemon.deployments()] == [second, first], 'newest first, whatever the calendar said'
    shim.set(steady=73 * 3600 * 1000)  # while the calendar stands ten years back
    wait_until('its end', lambda: daemon.deployment(second)['state'] == 'expired', 30)
    assert app.approve(second, '0' * 64)[0] == 409
    assert daemon.run('audit', 'verify', '-c', daemon.config).returncode == 0
