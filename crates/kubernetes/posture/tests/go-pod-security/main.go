// Command gopodsecurity makes random pods and says what the library of Kubernetes thinks of them.
//
//	gopodsecurity SEED COUNT LATEST    a line of JSON a pod: the pod, and for each profile whether it
//	                                   is allowed in the versions 1.0 to 1.LATEST
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"strconv"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type answer struct {
	Pod        json.RawMessage `json:"pod"`
	Baseline   []bool          `json:"baseline"`
	Restricted []bool          `json:"restricted"`
}

func main() {
	var numbers [3]int
	for place := range numbers {
		number, err := strconv.Atoi(os.Args[place+1])
		check(err)
		numbers[place] = number
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	check(err)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	pods := newPods(int64(numbers[0]))
	for range numbers[1] {
		text, err := json.Marshal(pods.pod())
		check(err)
		var pod core.Pod
		check(json.Unmarshal(text, &pod))
		// What the API server writes before anybody judges. (SetDefaults_Volume)
		for place := range pod.Spec.Volumes {
			volume := &pod.Spec.Volumes[place]
			if volume.VolumeSource == (core.VolumeSource{}) {
				volume.EmptyDir = &core.EmptyDirVolumeSource{}
			}
		}
		allowed := func(level api.Level) (allowed []bool) {
			for minor := range numbers[2] + 1 {
				version := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
				results := evaluator.EvaluatePod(version, &meta.ObjectMeta{Annotations: pod.Annotations}, &pod.Spec)
				allowed = append(allowed, policy.AggregateCheckResults(results).Allowed)
			}
			return allowed
		}
		line, err := json.Marshal(answer{text, allowed(api.LevelBaseline), allowed(api.LevelRestricted)})
		check(err)
		_, err = output.Write(append(line, '\n'))
		check(err)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
