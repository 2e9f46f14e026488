// The page: which screen is shown, and what is around it.
import { to } from './address.js';
import { connection } from './connection.js';
import { token } from './credentials.js';
import { Component, html, render, useEffect, useRef } from './html.js';
import { listenToKeys } from './keyboard.js';
import { BulkTray } from './parts/bulk-tray.js';
import { Confirm } from './parts/confirm.js';
import { Frame } from './parts/frame.js';
import { Help } from './parts/help.js';
import { Problem } from './parts/problem.js';
import { SignIn } from './parts/sign-in.js';
import { Toasts } from './parts/toasts.js';
import { route } from './route.js';
import { About } from './screens/about.js';
import { Dead } from './screens/dead.js';
import { Overview } from './screens/overview.js';
import { Queue, Queues } from './screens/queues.js';
import { NewSchedule, Schedule } from './screens/schedule.js';
import { Schedules } from './screens/schedules.js';
import { Submit } from './screens/submit.js';
import { Task } from './screens/task.js';
import { Tasks } from './screens/tasks.js';
import { loadServer, server } from './server.js';
import { useStore } from './store.js';
import { asksForToken } from './where.js';

/** The screen of an address, and its name for the window's title. A key makes another thing another screen. */
function screen({ parts: [first, second], query }) {
  if (first === undefined) return ['Overview', html`<${Overview} />`];
  if (first === 'tasks' && second) return [second, html`<${Task} key=${second} id=${second} />`];
  if (first === 'tasks') return ['Tasks', html`<${Tasks} query=${query} />`];
  if (first === 'dead') return ['Dead letters', html`<${Dead} query=${query} />`];
  if (first === 'queues' && second) return [second, html`<${Queue} key=${second} name=${second} />`];
  if (first === 'queues') return ['Queues', html`<${Queues} />`];
  if (first === 'schedules' && second === 'new') return ['New schedule', html`<${NewSchedule} />`];
  if (first === 'schedules' && second) return [second, html`<${Schedule} key=${second} name=${second} />`];
  if (first === 'schedules') return ['Schedules', html`<${Schedules} query=${query} />`];
  if (first === 'submit') return ['Submit', html`<${Submit} query=${query} />`];
  if (first === 'about') return ['About', html`<${About} />`];
  return ['Nothing here', html`<h1>Nothing here</h1><p>There is no such screen. <a href=${to([])}>To the overview</a></p>`];
}

function App() {
  const at = useStore(route);
  const signedIn = useStore(token).value !== null;
  const [name, shown] = screen(at);
  const place = at.parts.join('/');
  useEffect(() => {
    document.title = `${name} · Taskway`;
  }, [name]);
  // A new screen begins at its top.
  useEffect(() => window.scrollTo(0, 0), [place]);
  const locked = asksForToken && !signedIn;
  // What was typed is there again after a new token.
  const known = useRef(false);
  known.current ||= !locked;
  if (!known.current) return html`<${SignIn} />`;
  return html`
    ${locked && html`<${SignIn} />`}
    <div class="whole" hidden=${locked}>
    <${Frame} here=${at.parts[0] ?? ''}><${Guard} key=${place}>${shown}<//><//>
    <${BulkTray} /><${Toasts} /><${Confirm} /><${Help} />
    </div>
  `;
}

/** A fault in a screen leaves the others usable. */
class Guard extends Component {
  componentDidCatch(fault) {
    console.error(fault);
    this.setState({ fault });
  }

  render({ children }, { fault }) {
    return fault ? html`<${Problem} problem=${fault} retry=${() => this.setState({ fault: null })} />` : children;
  }
}

listenToKeys();
loadServer();
connection.listen(({ down }) => !down && !server.get() && loadServer());
const root = document.getElementById('app');
root.textContent = '';
render(html`<${App} />`, root);
