import { describeEndToEnd } from './end-to-end.ts';

describeEndToEnd('in one process', 'dist/main.js');
