// A schedule as a form.
import { html, useState } from '../html.js';
import { fault, pretty } from '../json.js';
import { definition, putSchedule } from '../schedules.js';
import { Field, faultAt, numberOf } from './field.js';
import { Problem } from './problem.js';
import { say } from './toasts.js';

const FIRST_TASK = '{"target": {"handler": "echo"}, "payload": {"report": "daily"}}';

/** Without a schedule, makes one. `done` gets the name of what was saved. */
export function ScheduleForm({ schedule, task = FIRST_TASK, done }) {
  const before = schedule ? definition(schedule) : {};
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [values, set] = useState({
    name: schedule?.name ?? '',
    kind: before.every_seconds ? 'every' : 'cron',
    cron: before.cron ?? '0 3 * * *',
    every: before.every_seconds ?? 3600,
    zone: before.time_zone ?? here,
    overlap: before.overlap ?? 'allow',
    misfire: before.misfire ?? 'once',
    jitter: before.jitter_seconds || '',
    start: before.start_at ?? '',
    end: before.end_at ?? '',
    task: pretty(task),
  });
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const notJson = fault(values.task);
  const input = (name) => ({ name, value: values[name], onInput: (event) => set({ ...values, [name]: event.target.value }) });

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await putSchedule(values.name.trim(), fieldsOf(values, before.paused), values.task);
      say(schedule ? 'The schedule is changed.' : 'The schedule is there.');
      done(values.name.trim());
    } catch (refused) {
      setProblem(refused);
      setBusy(false);
    }
  };

  return html`<form class="panel" onSubmit=${submit} aria-label="Schedule">
    <div class="form-grid">
      <div>
        ${!schedule && html`<${Field} label="Name" hint="letters, digits, _ . -"><input required pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}" ...${input('name')} /><//>`}
        <${Field} label="Repeats"><select ...${input('kind')}><option value="cron">by the calendar</option><option value="every">at intervals</option></select><//>
        ${
          values.kind === 'cron'
            ? html`<${Field} label="Cron" hint="minute hour day month weekday; six fields have seconds first" fault=${faultAt(problem, '/cron')}><input required ...${input('cron')} /><//>
              <${Field} label="Time zone" hint="a name such as Europe/Berlin" fault=${faultAt(problem, '/time_zone')}><input required ...${input('zone')} /><//>`
            : html`<${Field} label="Every … seconds" fault=${faultAt(problem, '/every_seconds')}><input required inputmode="numeric" ...${input('every')} /><//>`
        }
        <${Field} label="While the latest firing has not ended"><select ...${input('overlap')}><option value="allow">fire all the same</option><option value="skip">skip the time</option></select><//>
        <${Field} label="Times that were missed"><select ...${input('misfire')}><option value="once">the latest fires for all</option><option value="skip">none fires</option><option value="all">all fire</option></select><//>
        <details><summary>More</summary>
          <${Field} label="Jitter in seconds" fault=${faultAt(problem, '/jitter_seconds')}><input inputmode="numeric" ...${input('jitter')} /><//>
          <${Field} label="Not before" hint="2026-12-01T00:00:00Z" fault=${faultAt(problem, '/start_at')}><input ...${input('start')} /><//>
          <${Field} label="Not after" fault=${faultAt(problem, '/end_at')}><input ...${input('end')} /><//>
        </details>
      </div>
      <${Field} label="Task of each firing" hint="as for a submit, in JSON" fault=${notJson ?? faultAt(problem, '/task')}><textarea rows="14" spellcheck=${false} ...${input('task')}></textarea><//>
    </div>
    <${Problem} problem=${problem} />
    <p class="faint">The next runs are shown once it is saved. What has started goes on as it was.</p>
    <div class="buttons"><button type="submit" class="primary" disabled=${busy || Boolean(notJson)}>Save</button><button type="button" onClick=${() => done(null)}>Leave it</button></div>
  </form>`;
}

function fieldsOf({ kind, cron, every, zone, overlap, misfire, jitter, start, end }, paused = false) {
  const times = kind === 'cron' ? { cron: cron.trim(), time_zone: zone.trim() } : { every_seconds: numberOf(every) };
  const given = { start_at: start.trim(), end_at: end.trim(), jitter_seconds: numberOf(jitter) };
  const bounds = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '' && value !== null));
  return { ...times, overlap, misfire, ...bounds, paused };
}
