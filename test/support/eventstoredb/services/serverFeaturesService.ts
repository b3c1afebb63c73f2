import type { IServerFeaturesServer } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features, {
  type SupportedMethod,
} from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';

/** What a server says that it can do. */
export interface ServerFeatures {
  readonly version: string;
  /** Paths such as `/event_store.client.streams.Streams/BatchAppend` that it does not have. */
  readonly without: readonly string[];
}

const services = [
  GossipService,
  MonitoringService,
  OperationsService,
  PersistentSubscriptionsService,
  ProjectionsService,
  ServerFeaturesService,
  StreamsService,
  UsersService,
];

const paths = services.flatMap((service) => Object.values(service).map(({ path }) => path));

const featuresOf = (service: string, method: string): readonly string[] => {
  if (service.includes('PersistentSubscriptions')) return ['stream', 'all'];
  if (service.includes('Streams')) {
    if (method.includes('Read')) return ['position', 'events'];
    if (method.includes('BatchAppend')) return ['deadline_duration'];
  }
  if (service.includes('Projections') && method.includes('Create'))
    return ['track_emitted_streams'];
  return [];
};

const describeMethod = (path: string): SupportedMethod => {
  const [, service = '', method = ''] = path.split('/');
  const supported = new features.SupportedMethod();
  supported.setServiceName(service.toLowerCase());
  supported.setMethodName(method.toLowerCase());
  supported.setFeaturesList([...featuresOf(service, method)]);
  return supported;
};

/** Lists what a server of this version lists: every method for clients, in lower case. */
export const serverFeaturesService = ({
  version,
  without,
}: ServerFeatures): IServerFeaturesServer => {
  const methods = new features.SupportedMethods();
  methods.setEventStoreServerVersion(version);
  methods.setMethodsList(paths.filter((path) => !without.includes(path)).map(describeMethod));
  return {
    getSupportedMethods: (_call, answer) => {
      answer(null, methods);
    },
  };
};
