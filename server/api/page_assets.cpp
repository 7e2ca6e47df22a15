#include "server/api/page_parts.hpp"

namespace sluice::api {

const char page_style[] =
    R"css(:root{color-scheme:light dark;--bg:#fbfbfa;--fg:#1c1f23;--soft:#5b6470;--line:#dfe2e6;--card:#fff;--accent:#1f6feb;
--good:#15803d;--bad:#b91c1c;--warn:#b45309;--add:#e7f6ec;--del:#fdeaea}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e6e8eb;--soft:#9aa4b0;--line:#2b3138;--card:#1b1f24;--accent:#6ea8fe;
--good:#4ade80;--bad:#f87171;--warn:#fbbf24;--add:#12301d;--del:#3a1717}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
header{display:flex;gap:1rem;align-items:center;padding:.6rem 1rem;border-bottom:1px solid var(--line);background:var(--card)}
header a.name{font-weight:700;color:var(--fg);text-decoration:none}
header form{margin-left:auto}
nav{display:flex;gap:.9rem}
h3{font-size:.95rem;margin:1rem 0 .3rem;overflow-wrap:anywhere}
main{max-width:68rem;margin:0 auto;padding:1rem}
h1{font-size:1.35rem;margin:.4rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:1.6rem 0 .6rem}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;margin:.6rem 0}
.row{display:grid;grid-template-columns:4rem 10rem 1fr auto;gap:.2rem .9rem;padding:.55rem .2rem;border-bottom:1px solid var(--line);align-items:baseline}
.row:last-child{border-bottom:0}
.row .title{overflow-wrap:anywhere}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:.6rem}
.state{font-weight:600;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.busy{color:var(--accent)}
dl{display:grid;grid-template-columns:8rem 1fr;gap:.15rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,monospace;font-size:.86rem}
pre{margin:.3rem 0;padding:.4rem .6rem;overflow-x:auto;border-radius:6px;border:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
pre.add{background:var(--add)}pre.del{background:var(--del)}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;background:var(--card)}
details details{margin:.4rem .6rem;border-radius:6px}
summary{cursor:pointer;padding:.45rem .7rem;overflow-wrap:anywhere}
.body{padding:0 .7rem .6rem}
.tag{display:inline-block;min-width:4.4rem;font-weight:600}
button,input,textarea{font:inherit;color:inherit}
input[type=password],textarea{width:100%;padding:.5rem;border:1px solid var(--line);border-radius:6px;background:var(--bg)}
button{padding:.5rem 1.1rem;border-radius:6px;border:1px solid var(--line);background:var(--card);cursor:pointer}
button.yes{background:var(--good);border-color:var(--good);color:#fff}
button.no{background:var(--bad);border-color:var(--bad);color:#fff}
@media (prefers-color-scheme:dark){button.yes,button.no{color:#111}}
.buttons{display:flex;gap:.6rem;flex-wrap:wrap;margin-top:.6rem}
fieldset{border:1px solid var(--line);border-radius:6px;margin:0 0 .6rem;padding:.3rem .7rem .5rem}
legend{color:var(--soft)}
.choice{display:inline-block;margin-right:1.2rem;overflow-wrap:anywhere}
#log{max-height:30rem;overflow-y:auto}
@media (max-width:44rem){.row{grid-template-columns:3rem 1fr}.row .soft{grid-column:2}.row .title{grid-column:2}dl{grid-template-columns:1fr}dt{margin-top:.3rem}button{flex:1}}
)css";

const char page_icon[] =
    R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f6feb"/>
<path d="M3 4h2v8H3zM11 4h2v8h-2zM6 7h4v2H6z" fill="#fff"/></svg>
)svg";

// Text gets into the page as text nodes only; there is no innerHTML in here.
const char page_script[] = R"js('use strict';
(() => {
  const log = document.getElementById('log');
  if (!log || !log.dataset.events) return;
  let state = log.dataset.state;
  const source = new EventSource(log.dataset.events + '?after=' + log.dataset.after);
  const seen = new Set();
  const add = event => {
    const data = JSON.parse(event.data);
    if (seen.has(data.sequence)) return;
    seen.add(data.sequence);
    const stick = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.append(document.createTextNode(data.at.slice(11, 19) + '  ' + data.kind + '  ' + data.text + '\n'));
    if (stick) log.scrollTop = log.scrollHeight;
  };
  for (const kind of ['log', 'progress', 'ready', 'warning', 'error', 'plan', 'decision', 'message']) source.addEventListener(kind, add);
  let reload = 0;
  source.addEventListener('state', event => {
    add(event);
    clearTimeout(reload);
    // What was typed is not thrown away.
    const typing = document.activeElement && document.activeElement.tagName === 'TEXTAREA' && document.activeElement.value;
    if (!typing) reload = setTimeout(() => location.reload(), 400);
  });
  source.addEventListener('end', () => source.close());
  log.scrollTop = log.scrollHeight;
})();
)js";

}  // namespace sluice::api
