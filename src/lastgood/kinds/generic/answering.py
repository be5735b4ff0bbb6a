"""Kinds whose controllers always write a status: a literal table, by the names that kubectl gives."""

from __future__ import annotations

from lastgood.kinds.generic.words import listed

ANSWERING = listed(
    """
    Certificate.cert-manager.io CertificateRequest.cert-manager.io ClusterIssuer.cert-manager.io Issuer.cert-manager.io
    Challenge.acme.cert-manager.io Order.acme.cert-manager.io
    Bucket.source.toolkit.fluxcd.io GitRepository.source.toolkit.fluxcd.io HelmChart.source.toolkit.fluxcd.io
    HelmRelease.helm.toolkit.fluxcd.io HelmRepository.source.toolkit.fluxcd.io
    ImagePolicy.image.toolkit.fluxcd.io ImageRepository.image.toolkit.fluxcd.io
    Kustomization.kustomize.toolkit.fluxcd.io OCIRepository.source.toolkit.fluxcd.io
    AnalysisRun.argoproj.io Application.argoproj.io Rollout.argoproj.io Workflow.argoproj.io
    CustomRun.tekton.dev PipelineRun.tekton.dev TaskRun.tekton.dev
    Configuration.pkg.crossplane.io Function.pkg.crossplane.io Provider.pkg.crossplane.io
    Cluster.cluster.x-k8s.io Machine.cluster.x-k8s.io MachineDeployment.cluster.x-k8s.io
    MachinePool.cluster.x-k8s.io MachineSet.cluster.x-k8s.io KubeadmControlPlane.controlplane.cluster.x-k8s.io
    Configuration.serving.knative.dev DomainMapping.serving.knative.dev Revision.serving.knative.dev
    Route.serving.knative.dev Service.serving.knative.dev
    Broker.eventing.knative.dev Trigger.eventing.knative.dev
    Kafka.kafka.strimzi.io KafkaBridge.kafka.strimzi.io KafkaConnect.kafka.strimzi.io KafkaConnector.kafka.strimzi.io
    KafkaMirrorMaker2.kafka.strimzi.io KafkaTopic.kafka.strimzi.io KafkaUser.kafka.strimzi.io
    Backup.postgresql.cnpg.io Cluster.postgresql.cnpg.io postgresql.acid.zalan.do
    PostgresCluster.postgres-operator.crunchydata.com
    PerconaXtraDBCluster.pxc.percona.com PerconaServerMongoDB.psmdb.percona.com PerconaPGCluster.pgv2.percona.com
    Elasticsearch.elasticsearch.k8s.elastic.co Kibana.kibana.k8s.elastic.co
    ExternalSecret.external-secrets.io PushSecret.external-secrets.io SecretStore.external-secrets.io
    ClusterExternalSecret.external-secrets.io ClusterSecretStore.external-secrets.io
    Backup.velero.io BackupStorageLocation.velero.io Restore.velero.io
    ClusterServiceVersion.operators.coreos.com InstallPlan.operators.coreos.com Subscription.operators.coreos.com
    FlinkDeployment.flink.apache.org FlinkSessionJob.flink.apache.org SparkApplication.sparkoperator.k8s.io
    RayCluster.ray.io RayJob.ray.io RayService.ray.io
    RabbitmqCluster.rabbitmq.com Queue.rabbitmq.com MongoDBCommunity.mongodbcommunity.mongodb.com
    CephBlockPool.ceph.rook.io CephCluster.ceph.rook.io CephFilesystem.ceph.rook.io CephObjectStore.ceph.rook.io
    DataVolume.cdi.kubevirt.io VirtualMachine.kubevirt.io VirtualMachineInstance.kubevirt.io
    VolumeSnapshotContent.snapshot.storage.k8s.io
    NodeClaim.karpenter.sh NodePool.karpenter.sh EC2NodeClass.karpenter.k8s.aws
    InferenceService.serving.kserve.io Keycloak.k8s.keycloak.org KeycloakRealmImport.k8s.keycloak.org
    *.services.k8s.aws *.cnrm.cloud.google.com
    *.atlas.mongodb.com *.azure.com *.k8s.mariadb.com *.rabbitmq.com
    *.messaging.knative.dev *.operator.tekton.dev *.ops.kubedb.com *.sources.knative.dev
    AWX.awx.ansible.com ActiveMQArtemis.broker.amq.io AerospikeCluster.asdb.aerospike.com
    Agent.agent.k8s.elastic.co ApmServer.apm.k8s.elastic.co Beat.beat.k8s.elastic.co Logstash.logstash.k8s.elastic.co
    App.kappctrl.k14s.io PackageInstall.packaging.carvel.dev PackageRepository.packaging.carvel.dev
    Application.core.oam.dev ApplicationSet.argoproj.io ArgoCD.argoproj.io Experiment.argoproj.io
    EventBus.argoproj.io EventSource.argoproj.io Sensor.argoproj.io
    Promotion.kargo.akuity.io Stage.kargo.akuity.io Warehouse.kargo.akuity.io
    ArangoDeployment.database.arangodb.com BareMetalHost.metal3.io Bundle.trust.cert-manager.io
    AWSCluster.infrastructure.cluster.x-k8s.io AWSMachine.infrastructure.cluster.x-k8s.io
    AzureCluster.infrastructure.cluster.x-k8s.io AzureMachine.infrastructure.cluster.x-k8s.io
    VSphereCluster.infrastructure.cluster.x-k8s.io VSphereMachine.infrastructure.cluster.x-k8s.io
    KubeadmConfig.bootstrap.cluster.x-k8s.io
    CDI.cdi.kubevirt.io KubeVirt.kubevirt.io HyperConverged.hco.kubevirt.io
    CassandraDatacenter.cassandra.datastax.com ClickHouseInstallation.clickhouse.altinity.com
    CloneSet.apps.kruise.io Rollout.rollouts.kruise.io
    ClusterDeployment.hive.openshift.io HostedCluster.hypershift.openshift.io NodePool.hypershift.openshift.io
    ClusterOperator.config.openshift.io ClusterVersion.config.openshift.io
    ClusterPolicy.nvidia.com ClusterQueue.kueue.x-k8s.io LocalQueue.kueue.x-k8s.io Workload.kueue.x-k8s.io
    Coherence.coherence.oracle.com Domain.weblogic.oracle InnoDBCluster.mysql.oracle.com
    CompositeResourceDefinition.apiextensions.crossplane.io Object.kubernetes.crossplane.io
    Release.helm.crossplane.io
    CouchbaseCluster.couchbase.com CrdbCluster.crdb.cockroachlabs.com Dragonfly.dragonflydb.io
    DataDownload.velero.io DataUpload.velero.io PodVolumeBackup.velero.io BackupRepository.velero.io
    DataProtectionApplication.oadp.openshift.io ReplicationDestination.volsync.backube
    ReplicationSource.volsync.backube
    DatadogAgent.datadoghq.com DevWorkspace.workspace.devfile.io DynaKube.dynatrace.com EMQX.apps.emqx.io
    EventListener.triggers.tekton.dev Fleet.agones.dev GameServer.agones.dev
    FluxInstance.fluxcd.controlplane.io ImageUpdateAutomation.image.toolkit.fluxcd.io
    Receiver.notification.toolkit.fluxcd.io Terraform.infra.contrib.fluxcd.io
    HTTPProxy.projectcontour.io VirtualServer.k8s.nginx.org Hazelcast.hazelcast.com HumioCluster.core.humio.com
    Image.kpack.io Infinispan.infinispan.org Integration.camel.apache.org IntegrationKit.camel.apache.org
    Istio.sailoperator.io ServiceMeshControlPlane.maistra.io Jaeger.jaegertracing.io
    JobSet.jobset.x-k8s.io LeaderWorkerSet.leaderworkerset.x-k8s.io MPIJob.kubeflow.org PyTorchJob.kubeflow.org
    TFJob.kubeflow.org TrainJob.trainer.kubeflow.org XGBoostJob.kubeflow.org
    K8ssandraCluster.k8ssandra.io KafkaCluster.kafka.banzaicloud.io KafkaRebalance.kafka.strimzi.io
    KnativeEventing.operator.knative.dev KnativeServing.operator.knative.dev
    LVMCluster.lvm.topolvm.io StorageCluster.ocs.openshift.io NooBaa.noobaa.io LokiStack.loki.grafana.com
    TempoStack.tempo.grafana.com ManagedCertificate.networking.gke.io ManagedResource.resources.gardener.cloud
    Seed.core.gardener.cloud Shoot.core.gardener.cloud
    MongoDB.mongodb.com MongoDBOpsManager.mongodb.com MongoDBUser.mongodb.com OpenSearchCluster.opensearch.opster.io
    OpenLibertyApplication.apps.openliberty.io OpsRequest.apps.kubeblocks.io OpsRequest.operations.kubeblocks.io
    Cluster.apps.kubeblocks.io
    PerconaPGBackup.pgv2.percona.com PerconaServerMongoDBBackup.psmdb.percona.com
    PerconaServerMySQL.ps.percona.com PerconaXtraDBClusterBackup.pxc.percona.com
    Pipeline.numaflow.numaproj.io MonoVertex.numaflow.numaproj.io QueueManager.mq.ibm.com
    RedisEnterpriseCluster.app.redislabs.com RedisEnterpriseDatabase.app.redislabs.com Redpanda.cluster.redpanda.com
    ScaledJob.keda.sh ScaledObject.keda.sh ScyllaCluster.scylla.scylladb.com SealedSecret.bitnami.com
    SeldonDeployment.machinelearning.seldon.io SolrCloud.solr.apache.org Stack.pulumi.com
    Stream.jetstream.nats.io Consumer.jetstream.nats.io TemporalCluster.temporal.io Tenant.minio.min.io
    TidbCluster.pingcap.com Topic.cluster.redpanda.com TridentBackendConfig.trident.netapp.io
    TridentOrchestrator.trident.netapp.io VMAgent.operator.victoriametrics.com VMCluster.operator.victoriametrics.com
    VMSingle.operator.victoriametrics.com Volume.longhorn.io Workspace.app.terraform.io
    Alertmanager.monitoring.coreos.com Prometheus.monitoring.coreos.com ThanosRuler.monitoring.coreos.com
    CephBlockPoolRadosNamespace.ceph.rook.io CephClient.ceph.rook.io CephFilesystemSubVolumeGroup.ceph.rook.io
    CephNFS.ceph.rook.io CephObjectStoreUser.ceph.rook.io CephRBDMirror.ceph.rook.io
    ObjectBucketClaim.objectbucket.io
    """
)
"""Kinds whose controllers always write a status: until there is one, they have not begun.

Of any other kind that has no status nothing can be said but that it is there: many never get one.
"""
