// Where the API itself serves the page, its user gives the token that the API asks for.
import { token } from '../credentials.js';
import { html, useState } from '../html.js';
import { useStore } from '../store.js';
import { Field } from './field.js';

/** What RFC 6750 has for a token. A header can hold nothing else. */
const TOKEN = /^[\w.~+/=-]+$/;

export function SignIn() {
  const { refused } = useStore(token);
  const [text, setText] = useState('');
  const [fault, setFault] = useState(refused ? 'The API did not take that token. It may have expired.' : null);
  const submit = (event) => {
    event.preventDefault();
    const value = text.trim().replace(/^bearer\s+/i, '');
    if (TOKEN.test(value)) token.set({ value, refused: false });
    else
      setFault('A token has letters, digits and - . _ ~ + / = only. This one may have been cut, or has a character too many.');
  };
  return html`
    <header class="top"><span class="brand"><img src="icon.svg" alt="" width="20" height="20" /> Taskway</span></header>
    <main>
      <h1>Sign in</h1>
      <form class="panel" onSubmit=${submit}>
        <${Field} label="Token" fault=${fault} hint="A bearer token of the API's issuer, for one of its audiences. The page keeps it in memory only, so a reload asks for it again.">
          <input class="secret" type="text" required autofocus autocomplete="off" autocapitalize="off" spellcheck="false" value=${text} onInput=${(
            event,
          ) => {
            setText(event.target.value);
            setFault(null);
          }} />
        <//>
        <button type="submit" class="primary">Sign in</button>
      </form>
    </main>
  `;
}
