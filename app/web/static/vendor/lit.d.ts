export {LitElement, html, nothing, type TemplateResult} from 'lit';
export {classMap} from 'lit/directives/class-map.js';
export {live} from 'lit/directives/live.js';
export {repeat} from 'lit/directives/repeat.js';
