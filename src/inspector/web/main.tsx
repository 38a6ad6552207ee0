import { render } from 'preact';
import { App } from './app.tsx';
import './style/tokens.css';
import './style/shell.css';

render(<App />, document.getElementById('page')!);
