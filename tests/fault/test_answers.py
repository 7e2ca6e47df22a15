"""kill -9 around a decision: whoever asks again with the same Idempotency-Key hears what was decided, and it is decided once."""
import http.client, os

import pytest

from conftest import SLUICE
from test_lifecycle import wait_until
from test_loop import app  # noqa: F401  (the fixture)

PROGRAM = os.environ.get('SLUICE_WITH_FAILPOINTS', SLUICE)


@pytest.mark.parametrize('instant,wish', [('approve.after_commit', 'approve'), ('approve.before_reply', 'reject'), ('approve.before_commit', 'approve')])
def test_a_decision_whose_answer_was_lost_in_a_crash_is_answered_as_it_was_taken(app, instant, wish):
    daemon = app.start(program=PROGRAM)
    number = app.push('first')
    digest = daemon.wait_state(number, 'awaiting_approval')['digest']
    daemon.stop()
    daemon.start(SLUICE_FAILPOINT=instant + '=count:1,kill')

    def ask():
        body = {'digest': digest, 'comment': 'looked at it'}
        return daemon.request('POST', '/api/v1/deployments/%s/%s' % (number, wish), body, {'Idempotency-Key': 'once'}, 'approver')
    with pytest.raises((OSError, http.client.HTTPException)):
        ask()
    assert daemon.process.wait(10) == -9
    daemon.start()
    decided = {'approve': 'approved', 'reject': 'rejected'}[wish]
    status, answer = ask()
    assert status == 200 and answer == {'id': int(number), 'state': decided, 'stopping': False}, answer
    wait_until('its end', lambda: daemon.deployment(number)['final'])
    assert ask() == (200, answer), 'and after its end'
    one = daemon.deployment(number)
    assert one['state'] == {'approve': 'succeeded', 'reject': 'rejected'}[wish] and len(one['decisions']) == 1, one
    assert daemon.run('audit', 'verify', '-c', daemon.config).returncode == 0
