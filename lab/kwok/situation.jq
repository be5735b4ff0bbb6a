# The situation of a pod on a KWOK node, in one word. Each stage waits for one of these words.

# How a container behaves: what MODE says, or else the tag of its image.
def mode:
  ((.env // []) | map(select(.name == "MODE") | .value) | .[0]) // (.image | split(":") | .[-1]);

def after:
  ((.env // []) | map(select(.name == "AFTER") | .value) | .[0]) // "5s";

def condition($type):
  (.status.conditions // []) | map(select(.type == $type) | .status) | .[0];

# The containers whose turn it is, each with its status as .now: the first init container that has
# not done its part, or else all containers of the pod.
def acting:
  . as $pod
  | if condition("Initialized") == "True"
    then [.spec.containers[] | . as $c
          | .now = ($pod.status.containerStatuses | map(select(.name == $c.name)) | .[0] // {})]
    else [.spec.initContainers[]? | . as $c
          | .now = ($pod.status.initContainerStatuses | map(select(.name == $c.name)) | .[0] // {})
          | .init = true
          | select((.now.ready // false) | not)] | .[0:1]
    end
  | map(.policy = (if .init and $pod.spec.restartPolicy != "Never" then "OnFailure" else $pod.spec.restartPolicy end));

def waits($reason): .now.state.waiting.reason == $reason;
def fresh: waits("ContainerCreating") or waits("PodInitializing");
def runs: .now.state.running != null;
def ended:
  .now.state.terminated != null
  and (.policy == "Always" or (.policy == "OnFailure" and .now.state.terminated.exitCode != 0));
def dies: mode == "crash-later" or (mode == "liveness" and .livenessProbe != null);

def situation:
  if .metadata.deletionTimestamp != null then
    (if any(.spec.containers[]; mode == "stubborn") then "deleted-stubborn" else "deleted" end)
  elif .status.phase == "Succeeded" or .status.phase == "Failed" then "over"
  elif .status.containerStatuses == null then "start"
  else acting as $all
    | if any($all[]; fresh and mode != "missing") then "run"
      elif any($all[]; fresh) then "pull"
      elif any($all[]; ended and .now.restartCount == 0) then "restart"
      elif any($all[]; ended) then "backoff"
      elif any($all[]; waits("ErrImagePull")) then "pull-backoff"
      elif any($all[]; runs and (.now.ready | not) and mode == "slow") then "ready"
      elif any($all[]; runs and dies) then "die"
      elif any($all[]; waits("CrashLoopBackOff")) then "restart-later"
      elif any($all[]; waits("ImagePullBackOff")) then "pull-again"
      else "steady" end
  end;
