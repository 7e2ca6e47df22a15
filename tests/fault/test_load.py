"""Many at once: restarts under load, one event a thousand times, pushes in any order, a race of decisions."""
import http.client, os, random, signal, socket, sqlite3, subprocess, threading, time, uuid

import pytest

from conftest import SLUICE, push_payload
from test_loop import app  # noqa: F401  (the fixture)

REPOSITORIES = 12  # each may send 1000 deliveries at once


def in_threads(count, work):
    """Runs work(0) ... work(count - 1) at the same time; what they gave back, in the order in which they ended."""
    results, guard, start = [], threading.Lock(), threading.Barrier(count)

    def run(number):
        start.wait()
        result = work(number)
        with guard:
            results.append(result)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count, 'one of the threads failed'
    return results


def rows(daemon, query):
    database = sqlite3.connect('file:%s/data/sluice.db?mode=ro' % daemon.folder, uri=True)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


@pytest.fixture
def many(repository, make_daemon):
    """A daemon with many repositories and nothing to deploy."""
    repository.write('helmfile.yaml', 'releases: []\n')
    others = ''.join('  - {name: ann/web-%d, url: %s, webhook_secret: {credential: webhook_secret}, helmfile: helmfile.yaml, '
                     'environments: {prod: {on: [{push: {branch: main}}]}}}\n' % (number, repository.bare) for number in range(REPOSITORIES))
    return make_daemon(repository, None, extra_repository=others)


def test_restarts_under_load_refuse_nothing_and_lose_nothing(many):
    daemon = many
    listener = socket.create_server(('127.0.0.1', 0), backlog=4096)
    daemon.port = listener.getsockname()[1]
    daemon.log = open(os.path.join(daemon.folder, 'log'), 'ab')

    def start():
        wrapper = 'exec 3<&%d; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" "$@"' % listener.fileno()
        allow_root = ['--allow-root'] if os.getuid() == 0 else []
        daemon.process = subprocess.Popen(['bash', '-c', wrapper, SLUICE, 'serve', '-c', daemon.config, *allow_root], env=daemon.environment,
                                          pass_fds=(listener.fileno(),), stdin=subprocess.DEVNULL, stdout=daemon.log, stderr=daemon.log)
    done = threading.Event()
    acknowledged, bad = set(), []

    def send(number):
        count = 0
        while not done.is_set():
            count += 1
            repository = 'ann/web-%d' % ((number + count) % REPOSITORIES)
            guid = str(uuid.uuid4())
            payload = push_payload(repository, '0' * 40, '%08x%032x' % (number + 1, count), ref='refs/heads/main')
            try:
                status, answer = daemon.deliver('push', payload, guid=guid)
            except (OSError, http.client.HTTPException) as error:
                status, answer = None, repr(error)
            if status in (200, 202):
                acknowledged.add(guid)
            elif len(bad) < 10:
                bad.append((status, answer))
            time.sleep(0.01)

    def restart():
        for _ in range(20):
            start()
            daemon.wait_ready()
            time.sleep(0.15)
            daemon.process.send_signal(signal.SIGTERM)
            assert daemon.process.wait(40) == 0
        start()
        daemon.wait_ready()
    senders = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in senders:
        thread.start()
    began = time.time()
    try:
        restart()
    finally:
        done.set()
        for thread in senders:
            thread.join()
        listener.close()
    print('%d deliveries in %.1f s through 20 restarts' % (len(acknowledged), time.time() - began))
    assert bad == []
    assert len(acknowledged) > 1000
    assert acknowledged <= {row[0] for row in rows(daemon, 'SELECT guid FROM deliveries')}


def test_one_event_a_thousand_times_at_once_is_one_deployment(many, repository):
    daemon = many
    daemon.start()
    sha = repository.push('first')
    guids = [str(uuid.uuid4()) for _ in range(10)]

    def send(number):
        said = [daemon.deliver('push', push_payload(repository.name, '0' * 40, sha), guid=guids[(number + k) % 10] if k % 2 else None) for k in range(25)]
        return [(status, answer.get('status') if isinstance(answer, dict) else answer) for status, answer in said]
    answers = [answer for some in in_threads(40, send) for answer in some]
    counts = {answer: answers.count(answer) for answer in set(answers)}
    assert counts.pop((202, 'queued')) == 1 and set(counts) == {(200, 'duplicate')}, counts
    daemon.wait_new(0)
    time.sleep(0.5)
    assert [d['commit'] for d in daemon.deployments()] == [sha]
    assert daemon.stop() == 0


def test_pushes_in_any_order_end_at_the_head_also_after_a_forced_one(cluster, repository, make_daemon):
    seed = int(os.environ.get('SLUICE_SEED', str(random.randrange(10**9))))
    print('SLUICE_SEED=%d' % seed)
    choose = random.Random(seed)
    repository.write('helmfile.yaml', 'environments: {prod: {}}\n---\nreleases: []\n')
    shas = [repository.push('number %d' % number) for number in range(24)]
    head = shas[17]  # somebody forced the branch back to it
    repository.git('push', '-q', '-f', 'origin', head + ':main')
    choose.shuffle(shas)
    daemon = make_daemon(repository, cluster)
    daemon.start()
    for sha in shas:
        assert daemon.deliver('push', push_payload(repository.name, choose.choice(shas), sha))[0] == 202
    assert daemon.deliver('push', dict(push_payload(repository.name, head, '0' * 40, ref='refs/heads/gone'), deleted=True))[1]['status'] == 'ignored'
    deadline = time.time() + 60
    while time.time() < deadline:
        found = {d['commit']: d for d in daemon.deployments(limit=100)}
        if set(found) == set(shas) and all(d['final'] for d in found.values()):
            break
        time.sleep(0.1)
    assert {sha: d['state'] for sha, d in found.items()} == {sha: 'plan_failed' if sha == head else 'superseded' for sha in shas}


def test_of_a_hundred_decisions_at_once_one_wins_and_all_are_on_record(app):
    daemon = app.start()
    number = app.push('first')
    digest = daemon.wait_state(number, 'awaiting_approval')['digest']

    def decide(k):
        wish = 'approve' if k % 2 else 'reject'
        status, answer = daemon.request('POST', '/api/v1/deployments/%s/%s' % (number, wish), {'digest': digest, 'comment': 'number %d' % k}, token='approver')
        return status, wish
    answers = in_threads(60, decide)
    won = [wish for status, wish in answers if status == 200]
    assert len(won) == 1 and {status for status, _ in answers} == {200, 409}, answers
    end = {'approve': 'succeeded', 'reject': 'rejected'}[won[0]]
    daemon.wait_state(number, end)
    assert len(daemon.deployment(number)['decisions']) == 1
    assert rows(daemon, "SELECT count(*) FROM audit WHERE action IN ('refused.approve', 'refused.reject')") == [(59,)]
    assert daemon.run('audit', 'verify', '-c', daemon.config).returncode == 0


def test_a_flood_of_deliveries_is_limited_and_disturbs_no_deployment(app):
    daemon = app.start()
    number = app.push('first')
    digest = daemon.wait_state(number, 'awaiting_approval')['digest']
    body = push_payload(app.repository.name, '0' * 40, app.head)
    assert app.approve(number, digest)[0] == 200

    def flood(_):
        statuses = []
        while daemon.deployment(number)['state'] != 'succeeded' or len(statuses) < 120:
            for status, answer in [daemon.deliver('push', body) for _ in range(20)]:
                assert status == 200 or answer['code'] == 'rate-limited' and answer['retry_after'] > 0, answer
                statuses.append(status)
        return statuses
    statuses = [status for some in in_threads(12, flood) for status in some]
    counts = {status: statuses.count(status) for status in set(statuses)}
    assert set(counts) == {200, 429} and counts[200] >= 1000, counts  # the burst that a repository may send
    assert len(rows(daemon, 'SELECT id FROM deliveries')) == counts[200] + 1, 'what was acknowledged is there, once'
    assert [d['state'] for d in daemon.deployments()] == ['succeeded']
