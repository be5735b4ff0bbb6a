// Command kube is every Kubernetes component in one binary: the first argument names the one to run.
// One process per component, so that each can be killed and started again apart from the others.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// components maps a name to its command; etcd and kubectl have runners of their own.
var components = map[string]func() *cobra.Command{
	"apiserver":          apiserver.NewAPIServerCommand,
	"controller-manager": manager.NewControllerManagerCommand,
	"scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kube-proxy":         proxy.NewProxyCommand,
	// The kubelet sets up signals itself: a context that already has them makes it panic.
	"kubelet": func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

func main() {
	if name := filepath.Base(os.Args[0]); name == "kubectl" {
		runKubectl()
		return
	}
	if len(os.Args) < 2 {
		usage("a component is missing")
	}
	name := os.Args[1]
	os.Args = append([]string{name}, os.Args[2:]...)
	run(name)
}

func run(name string) {
	switch name {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kubectl":
		runKubectl()
	default:
		command, known := components[name]
		if !known {
			usage("unknown component " + name)
		}
		os.Exit(cli.Run(command()))
	}
}

func runKubectl() {
	logs.GlogSetter(kubectl.GetLogVerbosity(os.Args)) // -v counts while the command is being made, too
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
}

func usage(problem string) {
	fmt.Fprintln(os.Stderr, problem)
	fmt.Fprintln(os.Stderr, "usage: kube etcd|apiserver|controller-manager|scheduler|kubelet|kube-proxy|kubectl [flags]")
	os.Exit(2)
}
