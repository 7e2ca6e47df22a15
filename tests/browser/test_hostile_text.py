"""Text of a repository in a real browser: whatever it holds, it is shown as text, runs nothing, and hides nothing."""
import json, os, sys, time, uuid

import pytest
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../integration'))
from conftest import cluster, make_daemon, push_payload, repository  # noqa: E402,F401
from test_page import browser_with  # noqa: E402

CALLS = ['alert(1)', 'window.hit=1', 'fetch("/logout",{method:"POST"})', 'document.title="hit"']
FRAMES = ['<script>%s</script>', '</pre><script>%s</script>', '"><script>%s</script>', "'><script>%s</script>", '--><script>%s</script>', ']]><script>%s</script>',
          '</title><script>%s</script>', '</textarea><script>%s</script>', '</style><script>%s</script>', '<scr<script>ipt>%s</scr</script>ipt>', '<SCRIPT>%s</SCRIPT>',
          '<script\n>%s</script\n>', '<script/x>%s</script>', '<img src=x onerror=\'%s\'>', '"><img src=x onerror=\'%s\'>', '<img/src=x/onerror=\'%s\'>', '<svg onload=\'%s\'>',
          '<svg><script>%s</script></svg>', '<svg><animate onbegin=\'%s\' attributeName=x dur=1s>', '<math><mi//xlink:href="data:x,<script>%s</script>">', '<body onload=\'%s\'>',
          '<iframe srcdoc="<script>%s</script>">', '<iframe src=\'javascript:%s\'>', '<object data=\'javascript:%s\'>', '<embed src=\'javascript:%s\'>', '<a href=\'javascript:%s\'>x</a>',
          '<a href=\'java\tscript:%s\'>x</a>', '<form action=\'javascript:%s\'><button>x</form>', '<button formaction=\'javascript:%s\'>x', '<input autofocus onfocus=\'%s\'>',
          '<select autofocus onfocus=\'%s\'>', '<details open ontoggle=\'%s\'>', '<video><source onerror=\'%s\'>', '<audio src=x onerror=\'%s\'>', '<marquee onstart=\'%s\'>',
          '<meta http-equiv=refresh content="0;url=javascript:%s">', '<base href=\'javascript:%s//\'>', '<link rel=stylesheet href=\'javascript:%s\'>', '<style>@import \'javascript:%s\';</style>',
          '<div style=\'background:url(javascript:%s)\'>', '" onmouseover=\'%s\' x="', '\' onmouseover=\'%s\' x=\'', '` onmouseover=%s x=`', '&lt;script&gt;%s&lt;/script&gt;',
          '&#60;script&#62;%s&#60;/script&#62;', '%%3Cscript%%3E%s%%3C/script%%3E', '\\x3cscript\\x3e%s\\x3c/script\\x3e', '\\u003cscript\\u003e%s\\u003c/script\\u003e', '{{constructor.constructor(\'%s\')()}}',
          '${%s}', 'javascript:%s', 'data:text/html,<script>%s</script>']
PAYLOADS = [frame % call for frame in FRAMES for call in CALLS]
UNSEEN = {'\x1b': 'U+001B', '\u202e': 'U+202E', '\u2066': 'U+2066', '\u2069': 'U+2069', '\u200b': 'U+200B', '\ufeff': 'U+FEFF', '\u200f': 'U+200F'}
HELMFILE = 'environments: {prod: {}}\n---\nreleases: [{name: web, namespace: %s, chart: ./chart}]\n'
TEMPLATE = '''apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
{{- range $i, $text := .Values.texts }}
  t{{ $i }}: {{ toJson $text }}
{{- end }}
'''


@pytest.fixture
def app(cluster, repository, make_daemon):
    namespace = 'text-' + uuid.uuid4().hex[:8]
    repository.write('helmfile.yaml', HELMFILE % namespace)
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/values.yaml', json.dumps({'texts': PAYLOADS + ['x%sy' % c for c in UNSEEN]}))
    repository.write('chart/templates/<img src=x onerror=alert(1)>.yaml', TEMPLATE)
    repository.environment['GIT_AUTHOR_NAME'] = '"><img src=x onerror=alert(1)> \u202egnp'
    daemon = make_daemon(repository, cluster)
    daemon.start()
    return daemon


def push(app, repository, message, state, after):
    sha = repository.push(message)
    assert app.deliver('push', push_payload(repository.name, '0' * 40, sha))[0] == 202
    return app.wait_state(app.wait_new(after), state)


def look_at(browser, address):
    browser.get(address)
    time.sleep(0.5)
    with pytest.raises(NoAlertPresentException):
        browser.switch_to.alert
    assert browser.execute_script('return window.hit') is None and 'hit' not in browser.title.split()
    return browser.execute_script('return document.documentElement.textContent')


def test_what_a_repository_says_is_shown_as_text(app, repository):
    assert len(PAYLOADS) >= 200
    one = push(app, repository, '</h1><script>alert(1)</script> \u202e\x1b[2J title', 'awaiting_approval', 0)
    comment = '<script>alert(1)</script>\u202e\u200b'
    assert app.request('POST', '/api/v1/deployments/%s/reject' % one['id'], {'digest': one['digest'], 'comment': comment}, token='approver')[0] == 200
    repository.write('chart/templates/fail.yaml', '{{ fail "</dd><script>alert(1)</script><img src=x onerror=alert(2)>\u202e" }}')
    failed = push(app, repository, 'fails', 'plan_failed', one['id'])
    address = 'http://127.0.0.1:%d' % app.port
    browser = browser_with(javascript=True)
    try:
        browser.get(address + '/login')
        browser.find_element(By.NAME, 'token').send_keys(app.tokens['admin'])
        browser.find_element(By.CSS_SELECTOR, 'form button').click()
        time.sleep(1)
        pages = {path: look_at(browser, address + path) for path in ('/', '/deployments/%s' % one['id'], '/deployments/%s' % failed['id'], '/drift')}
        shown = pages['/deployments/%s' % one['id']]
        missing = [text for text in PAYLOADS if text not in shown and json.dumps(text)[1:-1] not in shown]  # the diff is YAML, which quotes
        assert not missing, (missing, shown[:2000])
        for character, name in UNSEEN.items():
            assert all(character not in page for page in pages.values()), 'U+%04X is not shown as it is' % ord(character)
        assert '</h1><script>alert(1)</script>' in shown and '<script>alert(1)</script><U+202E><U+200B>' in shown
        assert '</dd><script>alert(1)</script><img src=x onerror=alert(2)>' in pages['/deployments/%s' % failed['id']]
        assert browser.find_elements(By.CSS_SELECTOR, 'img, iframe, object, embed, svg, base, form[action^=javascript]') == []
        severe = [entry for entry in browser.get_log('browser') if entry['level'] == 'SEVERE']
        assert not severe, 'the policy had nothing to stop: %s' % severe[:5]
    finally:
        browser.quit()
