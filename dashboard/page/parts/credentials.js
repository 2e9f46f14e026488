// Where a copied curl takes its credentials from. The page has none of them.
import { html } from '../html.js';
import { server } from '../server.js';
import { useStore } from '../store.js';

const EXPORT = 'eval "$(aws configure export-credentials --format env)"';

export function Credentials() {
  const sender = useStore(server)?.sender;
  const told = {
    signature: html`curl signs with the AWS credentials in the variables of your shell. The AWS CLI sets those of a profile: <code>${EXPORT}</code>`,
    token: html`curl sends the token in <code>TASKWAY_TOKEN</code> of your shell.`,
    password: html`Add the user and password of the URL with <code>--user</code>.`,
  }[sender];
  return told ? html`<p class="faint">${told}</p>` : null;
}
