"""A disk that fails under the daemon: flushes that fail, no room, read-only, slow. What was acknowledged is there afterwards."""
import errno, http.client, os, sqlite3, threading, time, uuid

import pytest

from conftest import push_payload


class Sender:
    """Sends deliveries, each of another commit, and knows which were acknowledged."""

    def __init__(self, daemon, repository):
        self.daemon, self.repository, self.count, self.acknowledged = daemon, repository, 0, set()

    def send(self):
        """The status and the answer, or (None, why) where the connection was lost."""
        self.count += 1
        guid = str(uuid.uuid4())
        try:
            status, answer = self.daemon.deliver('push', push_payload(self.repository.name, '0' * 40, '%040x' % self.count, ref='refs/heads/n%d' % self.count), guid=guid)
        except (OSError, http.client.HTTPException) as error:
            return None, repr(error)
        if status in (200, 202):
            self.acknowledged.add(guid)
        return status, answer

    def check(self):
        """What was acknowledged is stored once, and nothing is damaged."""
        database = sqlite3.connect(self.daemon.folder + '/data/sluice.db')
        try:
            stored = [row[0] for row in database.execute('SELECT guid FROM deliveries')]
            assert len(stored) == len(set(stored)) and self.acknowledged <= set(stored), self.acknowledged - set(stored)
            assert database.execute('PRAGMA integrity_check').fetchone()[0] == 'ok'
        finally:
            database.close()


@pytest.fixture
def sender(idle, repository):
    return Sender(idle, repository)


def test_after_a_flush_that_failed_nothing_is_acknowledged_and_the_daemon_ends(sender, shim):
    daemon = sender.daemon
    for before in range(5):
        daemon.start(**shim.environment(daemon))
        for _ in range(before):
            assert sender.send()[0] == 202
        shim.set(sync=errno.EIO)
        status, answer = sender.send()
        assert status is None or status == 503, answer
        assert daemon.process.wait(10) == 74, daemon.log_text()[-2000:]
        assert shim.get('sync') == 0, 'the flush was tried'
        assert 'storage can no longer be trusted' in daemon.log_text()
        sender.check()
    daemon.start()
    assert sender.send()[0] == 202
    assert daemon.stop() == 0
    sender.check()


@pytest.mark.parametrize('why,codes', [(errno.ENOSPC, ['storage-full']), (errno.EDQUOT, ['storage-failed', 'outcome-unknown']), (errno.EROFS, ['storage-failed', 'outcome-unknown']),
                                       (errno.EIO, ['storage-failed', 'outcome-unknown'])])
def test_while_nothing_can_be_written_deliveries_get_503_and_the_daemon_comes_back_by_itself(sender, shim, why, codes):
    daemon = sender.daemon
    daemon.start(**shim.environment(daemon))
    assert sender.send()[0] == 202
    for _ in range(2):
        shim.set(write=why)
        for _ in range(3):
            status, answer = sender.send()
            assert status == 503 and answer['code'] in codes and answer['retryable'] is True, answer
        assert [daemon.request('GET', path)[0] for path in ('/healthz', '/readyz')] == [503, 503]
        shim.set(write=0)
        deadline = time.time() + 10
        while daemon.request('GET', '/readyz')[0] != 200:
            assert time.time() < deadline, daemon.log_text()[-3000:]
            time.sleep(0.1)
        assert sender.send()[0] == 202
    assert daemon.stop() == 0
    sender.check()


def test_with_little_room_first_planning_stops_and_then_the_intake_and_both_come_back(sender, shim):
    daemon = sender.daemon
    shim.set(room=400 << 20)
    daemon.start(**shim.environment(daemon))
    assert sender.send()[0] == 202
    number = daemon.wait_new(0)
    time.sleep(1)
    assert daemon.deployment(number)['state'] == 'received', 'a plan needs 512 MiB'
    shim.set(room=200 << 20)
    deadline = time.time() + 10
    while sender.send()[0] != 503:
        assert time.time() < deadline
        time.sleep(0.1)
    assert sender.send()[1]['code'] == 'storage-full'
    shim.set(room=0)
    daemon.wait_state(number, 'plan_failed', 'superseded', seconds=40)
    assert sender.send()[0] == 202
    assert daemon.stop() == 0
    sender.check()


def test_a_slow_disk_makes_answers_slow_and_loses_none(sender, shim):
    """200 ms a flush; 32 senders share each."""
    daemon = sender.daemon
    daemon.start(**shim.environment(daemon))
    shim.set(delay=200)
    answers, waits = [], []

    def send(number):
        one = Sender(daemon, sender.repository)
        one.count = 1000 * number
        for _ in range(5):
            began = time.time()
            answers.append(one.send())
            waits.append(time.time() - began)
        sender.acknowledged |= one.acknowledged
    threads = [threading.Thread(target=send, args=(number,)) for number in range(32)]
    began = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer for answer in answers if answer[0] != 202] == []
    assert time.time() - began < 20 and max(waits) < 5, 'one after the other it would have taken 32 s: %.1f s, the slowest %.1f s' % (time.time() - began, max(waits))
    shim.set(delay=0)
    assert daemon.stop() == 0
    sender.check()
