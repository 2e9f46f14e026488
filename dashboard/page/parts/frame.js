// What is around every screen: the way to the others, and whether the stack answers.
import { to } from '../address.js';
import { askNow, connection } from '../connection.js';
import { html, useEffect, useRef, useState } from '../html.js';
import { help, PLACES } from '../keyboard.js';
import { live } from '../polls.js';
import { go } from '../route.js';
import { server } from '../server.js';
import { useStore } from '../store.js';
import { say } from './toasts.js';

export function Frame({ here, children }) {
  return html`
    <a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      document.getElementById('main').focus();
    }}>Skip to the content</a>
    <${Top} here=${here} />
    <main id="main" tabindex="-1"><${Down} />${children}</main>
  `;
}

function Top({ here }) {
  const about = useStore(server);
  const following = useStore(live);
  const { down } = useStore(connection);
  const nav = useRef();
  // On a phone, the screens are wider than the window.
  useEffect(() => nav.current.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [here]);
  return html`<header class="top">
    <a class="brand" href=${to([])}><img src="icon.svg" alt="" width="20" height="20" /> Taskway</a>
    <nav ref=${nav} aria-label="Screens">
      ${Object.entries(PLACES).map(([key, [name, parts]]) => html`<a key=${key} href=${to(parts)} aria-current=${(parts[0] ?? '') === here ? 'page' : null} title=${`keys g ${key}`}>${name}</a>`)}
    </nav>
    <div class="aside">
      ${about?.read_only && html`<span class="chip">read only</span>`}
      <${Jump} />
      <button type="button" class="quiet" aria-pressed=${following} title="key l" onClick=${() => live.set(!following)}><span class=${`dot ${following && !down ? 'on' : ''}`} aria-hidden="true"></span>${following ? (down ? 'no answer' : 'live') : 'stopped'}</button>
      <button type="button" class="quiet" title="key ?" aria-label="Keys" onClick=${() => help.set(true)}>?</button>
    </div>
  </header>`;
}

function Jump() {
  const [id, setId] = useState('');
  const submit = (event) => {
    event.preventDefault();
    if (id.trim() === '') return;
    go(to(['tasks', id.trim()]));
    setId('');
  };
  return html`<form class="jump" role="search" aria-label="Find a task" onSubmit=${submit}>
    <input data-jump type="search" placeholder="Task id" aria-label="Task id" autocomplete="off" value=${id} onInput=${(event) => setId(event.target.value)} />
  </form>`;
}

/** Says that the stack does not answer, and for how long until it is asked again. */
function Down() {
  const { down } = useStore(connection);
  const [now, setNow] = useState(Date.now());
  const was = useRef(null);
  useEffect(() => {
    if (was.current && !down) say('The stack answers again.');
    was.current = down;
    if (!down) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [down]);
  if (!down) return null;
  const seconds = Math.max(0, Math.ceil((down.next - now) / 1000));
  return html`<div class="banner" role="alert">
    <p><strong>The stack does not answer</strong>: ${down.detail}. What you see is from before. <span aria-hidden="true">Asking again ${seconds > 0 ? `in ${seconds} s` : 'now'}.</span></p>
    <button type="button" onClick=${askNow}>Ask now</button>
  </div>`;
}
