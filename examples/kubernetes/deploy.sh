#!/bin/sh
# Releases an image: deploy.sh IMAGE HEAD, where HEAD is the head of the revisions in that image (`aludel migrate heads`).
set -eu
image=$1
head=$2
here=$(dirname "$0")

render() {
  sed -e "s|IMAGE|$image|g" -e "s|HEAD|$head|g" "$here/$1"
}

# A Job cannot be changed. One that is there works, or has worked, on the same revisions, unless it failed.
if [ "$(kubectl get job "migrate-$head" --ignore-not-found -o 'jsonpath={.status.conditions[?(@.type=="Failed")].status}')" = True ]; then
  kubectl delete job "migrate-$head"
fi
if [ -z "$(kubectl get job "migrate-$head" --ignore-not-found -o name)" ]; then
  render migrate.yaml | kubectl create -f -
fi
# Its pods wait for the Job. A Job that fails leaves the old pods in service.
render deployment.yaml | kubectl apply -f -
kubectl rollout status deployment/shop --timeout=20m
