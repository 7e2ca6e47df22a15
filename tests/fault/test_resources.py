"""Memory that is refused and descriptors that run out: what is in hand fails, the daemon lives and everything else goes on."""
import os, resource, socket, time

import pytest

from test_storage import Sender


@pytest.fixture
def sender(idle, repository):
    return Sender(idle, repository)


def test_whichever_larger_allocation_fails_the_daemon_lives_and_what_it_acknowledged_is_stored(sender, shim):
    daemon = sender.daemon
    daemon.start(**shim.environment(daemon))
    failed, number, reached = 0, 1, True
    while reached:
        shim.set(alloc=number)
        status, answer = sender.send()
        reached = shim.get('alloc') == 0
        shim.set(alloc=0)
        assert status in (202, 503, 500, None), 'allocation %d: %s %s' % (number, status, answer)
        assert daemon.process.poll() is None, 'allocation %d: the daemon ended with %s\n%s' % (number, daemon.process.returncode, daemon.log_text()[-2000:])
        failed += status != 202
        number += 1
    assert failed >= 5, 'of %d allocations of one delivery %d made it fail' % (number, failed)
    assert sender.send()[0] == 202
    assert daemon.stop() == 0
    sender.check()


def test_without_descriptors_it_waits_without_spinning_and_goes_on(sender):
    daemon = sender.daemon
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (48, hard))
    try:
        daemon.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert sender.send()[0] == 202
    idle = [socket.create_connection(('127.0.0.1', daemon.port), timeout=10) for _ in range(60)]
    deadline = time.time() + 10
    while 'accepting paused' not in daemon.log_text() and time.time() < deadline:
        time.sleep(0.05)
    assert 'accepting paused' in daemon.log_text()

    def cpu():
        fields = open('/proc/%d/stat' % daemon.process.pid).read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
    before = cpu()
    time.sleep(1)
    assert cpu() - before < 0.3, 'it spins'
    for one in idle:
        one.close()
    began = time.time()
    assert sender.send()[0] == 202 and time.time() - began < 5
    assert daemon.stop() == 0
    sender.check()
