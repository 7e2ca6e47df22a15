"""The page in a real browser: log in, read the masked diff, decide without JavaScript, follow to the end."""
import os, re, signal, subprocess, tempfile, time

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SLUICE = os.environ.get('SLUICE', os.path.join(ROOT, 'build/release/sluice'))


@pytest.fixture
def demo():
    """`sluice demo` waiting for its decision: page address and token."""
    environment = {name: value for name, value in os.environ.items() if name != 'KUBECONFIG'}
    output = tempfile.NamedTemporaryFile('r', delete=False)
    process = subprocess.Popen([SLUICE, 'demo'], stdin=subprocess.PIPE, stdout=open(output.name, 'w'), stderr=subprocess.STDOUT, env=environment)
    deadline = time.time() + 30
    while 'Approve exactly this plan?' not in open(output.name).read():
        assert process.poll() is None and time.time() < deadline, open(output.name).read()
        time.sleep(0.05)
    text = open(output.name).read()
    process.page = re.search(r'page\s+(http://\S+)', text).group(1)
    process.token = re.search(r'token\s+(slc_\S+)', text).group(1)
    process.digest = re.search(r'digest ([0-9a-f]{64})', text).group(1)
    process.text = lambda: open(output.name).read()
    yield process
    process.send_signal(signal.SIGINT)
    process.wait(20)
    os.unlink(output.name)


def browser_with(javascript, width=1100):
    options = webdriver.ChromeOptions()
    for flag in ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
                 '--disable-component-update', '--disable-sync', '--window-size=%d,900' % width):
        options.add_argument(flag)
    if not javascript:
        options.add_experimental_option('prefs', {'profile.managed_default_content_settings.javascript': 2})
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    return webdriver.Chrome(service=Service('/usr/bin/chromedriver'), options=options)


def log_in(browser, demo):
    browser.get(demo.page)
    browser.find_element(By.NAME, 'token').send_keys(demo.token)
    browser.find_element(By.CSS_SELECTOR, 'form button').click()
    deadline = time.time() + 20
    while not browser.current_url.endswith('/') or browser.find_elements(By.NAME, 'token'):  # else the queue, still under way, may replace the page asked for next
        assert time.time() < deadline, browser.current_url
        time.sleep(0.05)
    browser.get(demo.page)


def wait_for(browser, text, seconds=20):
    deadline = time.time() + seconds
    body = ''
    while time.time() < deadline:
        try:
            body = browser.find_element(By.TAG_NAME, 'body').text
        except WebDriverException:  # the page is just being replaced by the next one
            time.sleep(0.1)
            continue
        if text in body:
            return body
        time.sleep(0.3)
        browser.refresh()
    raise AssertionError('no "%s" in:\n%s' % (text, body[:3000]))


def test_nobody_sees_anything_before_the_login(demo):
    browser = browser_with(javascript=True)
    try:
        browser.get(demo.page)
        assert 'guestbook' not in browser.page_source
        assert browser.find_element(By.NAME, 'token').get_attribute('type') == 'password'
    finally:
        browser.quit()


@pytest.mark.parametrize('javascript', [True, False])
def test_a_person_reads_the_masked_diff_and_approves_exactly_that(demo, javascript):
    browser = browser_with(javascript)
    try:
        log_in(browser, demo)
        body = wait_for(browser, 'awaiting')
        assert demo.digest[:8] in browser.page_source
        assert 'guestbook' in body and '(secret ' in browser.page_source, 'the secret is there as a fingerprint'
        approve = [e for e in browser.find_elements(By.CSS_SELECTOR, 'button, input[type=submit]') if 'approve' in (e.text or e.get_attribute('value') or '').lower()]
        assert approve, body
        approve[0].click()
        wait_for(browser, 'succeeded')
        deadline = time.time() + 10
        while 'succeeded' not in demo.text():
            assert time.time() < deadline, 'the terminal follows what was decided on the page: ' + demo.text()[-500:]
            time.sleep(0.05)
        severe = [entry for entry in browser.get_log('browser') if entry['level'] == 'SEVERE']
        assert not severe, severe
    finally:
        browser.quit()


def test_the_page_fits_a_phone(demo):
    browser = browser_with(javascript=True, width=390)
    try:
        log_in(browser, demo)
        wait_for(browser, 'awaiting')
        width, shown = browser.execute_script('return [document.documentElement.scrollWidth, window.innerWidth]')
        assert width <= shown + 1, 'nothing to scroll sideways: %d of %d' % (width, shown)
    finally:
        browser.quit()
