-- Argo CD's health of a SeldonDeployment, from its status: the check of
-- resource.customizations.health.machinelearning.seldon.io_SeldonDeployment in the config map argocd-cm.
local health = {status = "Progressing", message = "Waiting for the operator"}
local status = obj.status
if status == nil or status.state == nil or status.state == "" then
  return health
end
-- What the status says is of an older manifest: the operator has not seen this one yet.
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil
    and status.observedGeneration < obj.metadata.generation then
  health.message = "Waiting for the operator to see the last change"
  return health
end
health.message = status.description or ""
if status.state == "Available" then
  health.status = "Healthy"
elseif status.state == "Failed" then
  health.status = "Degraded"
elseif health.message == "" then
  health.message = status.state
end
return health
