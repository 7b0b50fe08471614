import { describeEndToEnd } from './end-to-end.ts';

describeEndToEnd('over the network', 'deploy/services.mjs');
