import { describeEndToEnd } from './end-to-end.ts';

describeEndToEnd('on the cluster', 'dist/deploy/cluster/main.js');
