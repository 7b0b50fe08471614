/** What a metric is: what it says, and what it is told apart by. No label ever names a tenant or a document. */
interface Definition {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of ours. Alerts, dashboards and autoscalers use these names; units are part of them. */
export const catalogue = {
  tributary_http_request_duration_seconds: {
    kind: 'histogram',
    help: 'How long requests took, by service, route and status.',
    labels: ['service', 'route', 'status'],
  },
  tributary_search_duration_seconds: {
    kind: 'histogram',
    help: 'How long searches took, by what the cache did and whether all sources were searched.',
    labels: ['cache', 'complete'],
  },
  tributary_search_stage_duration_seconds: {
    kind: 'histogram',
    help: 'How long the stages of searches took.',
    labels: ['stage'],
  },
  tributary_search_sources_total: {
    kind: 'counter',
    help: 'What became of the sources of searches: each modality in each space by each method.',
    labels: ['modality', 'space', 'method', 'status'],
  },
  tributary_cache_requests_total: {
    kind: 'counter',
    help: 'What caches did when they were asked: HIT, MISS or BYPASS.',
    labels: ['cache', 'outcome'],
  },
  tributary_jobs: {
    kind: 'gauge',
    help: 'Jobs that have not ended, by state: QUEUED or RUNNING.',
    labels: ['state'],
  },
  tributary_job_backlog_age_seconds: {
    kind: 'gauge',
    help: 'How long the job that waits longest has been due; 0 where none waits.',
    labels: [],
  },
  tributary_job_duration_seconds: {
    kind: 'histogram',
    help: 'How long a worker was at a job, by kind and outcome: SUCCEEDED, FAILED or GIVEN_UP.',
    labels: ['kind', 'outcome'],
  },
  tributary_outbox_entries: {
    kind: 'gauge',
    help: 'What is still to be removed from stores after changes that were acknowledged.',
    labels: [],
  },
  tributary_outbox_age_seconds: {
    kind: 'gauge',
    help: 'How old the oldest of them is; 0 where there is none.',
    labels: [],
  },
  tributary_deletions_pending_age_seconds: {
    kind: 'gauge',
    help: 'How long ago the oldest deletion was asked for that is not purged yet; 0 where there is none.',
    labels: [],
  },
  tributary_documents_lacking: {
    kind: 'gauge',
    help: 'Documents of which something could not be read or encoded because this tool is missing.',
    labels: ['tool'],
  },
  tributary_answers_running: {
    kind: 'gauge',
    help: 'Answers that this process makes at present.',
    labels: [],
  },
  tributary_answer_first_token_seconds: {
    kind: 'histogram',
    help: 'How long it took from a question to the first piece of its answer.',
    labels: [],
  },
  tributary_answer_events_total: {
    kind: 'counter',
    help: 'Events of answers that this process made, by kind.',
    labels: ['kind'],
  },
  tributary_encoder_queue_texts: {
    kind: 'gauge',
    help: 'Texts that wait to be encoded or are being encoded.',
    labels: [],
  },
  tributary_encoder_texts_total: {
    kind: 'counter',
    help: 'Texts that were encoded, by purpose: query or passage.',
    labels: ['purpose'],
  },
  tributary_encoder_batch_duration_seconds: {
    kind: 'histogram',
    help: 'How long batches of texts took to encode.',
    labels: [],
  },
  tributary_visual_encoder_queue: {
    kind: 'gauge',
    help: 'What waits to be encoded by the visual encoder or is being encoded, by kind: picture or text.',
    labels: ['kind'],
  },
  tributary_visual_encoder_encoded_total: {
    kind: 'counter',
    help: 'What the visual encoder has encoded, by kind: picture or text.',
    labels: ['kind'],
  },
  tributary_visual_encoder_batch_duration_seconds: {
    kind: 'histogram',
    help: 'How long batches took in the visual encoder, by kind: picture or text; pictures are made ready before.',
    labels: ['kind'],
  },
  tributary_encoder_provider: {
    kind: 'gauge',
    help: '1 for each encoder and the execution provider that it really uses, once it is loaded.',
    labels: ['encoder', 'provider'],
  },
  tributary_database_pool: {
    kind: 'gauge',
    help: 'Connections to PostgreSQL, by state: active or idle; and waiting, who waits for one.',
    labels: ['state'],
  },
  tributary_dependency_up: {
    kind: 'gauge',
    help: 'Whether what this process needs can be reached: 1 or 0.',
    labels: ['dependency'],
  },
  tributary_subscriptions: {
    kind: 'gauge',
    help: 'Subscriptions under way.',
    labels: [],
  },
} as const satisfies Readonly<Record<`tributary_${string}`, Definition>>;

type Catalogue = typeof catalogue;

/** The names of the metrics of one kind. */
export type MetricName<Kind extends Definition['kind']> = {
  [Name in keyof Catalogue]: Catalogue[Name]['kind'] extends Kind ? Name : never;
}[keyof Catalogue];

/** A value for each label of a metric. */
export type MetricLabels<Name extends keyof Catalogue> = Readonly<
  Record<Catalogue[Name]['labels'][number], string>
>;
