package main

import "math/rand"

type fields = map[string]any

// pods makes pods that use what the Pod Security Standards read. Most have what hardened pods have, so that
// each check decides now and then.
type pods struct {
	*rand.Rand
	// odd is how likely a value is one that a hardened pod has not: by pod.
	odd float64
}

func newPods(seed int64) *pods {
	return &pods{Rand: rand.New(rand.NewSource(seed))}
}

func (r *pods) chance(share float64) bool { return r.Float64() < share }

func (r *pods) one(of ...string) string { return of[r.Intn(len(of))] }

// either takes one of the usual values, or now and then an odd one.
func (r *pods) either(usual, odd []string) string {
	if r.chance(r.odd) {
		return r.one(odd...)
	}
	return r.one(usual...)
}

func (r *pods) list(length int, element func() any) []any {
	list := []any{}
	for range length {
		list = append(list, element())
	}
	return list
}

// with sets a field in a share of the cases; now and then to null.
func (r *pods) with(target fields, share float64, name string, value func() any) {
	if !r.chance(share) {
		return
	}
	target[name] = value()
	if r.chance(0.01) {
		target[name] = nil
	}
}

func (r *pods) pod() fields {
	r.odd = []float64{0.01, 0.03, 0.1, 0.3}[r.Intn(4)]
	spec := fields{}
	containers := func(length int, names ...string) func() any {
		return func() any {
			return r.list(length, func() any { return r.container(r.one(names...)) })
		}
	}
	r.with(spec, 1, "containers", containers(1+r.Intn(2), "a", "b", "c"))
	r.with(spec, 0.25, "initContainers", containers(1, "i"))
	r.with(spec, 0.15, "ephemeralContainers", containers(1, "e"))
	for _, name := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		r.with(spec, 0.1, name, func() any { return r.chance(r.odd) })
	}
	r.with(spec, 0.2, "hostUsers", func() any { return r.chance(0.5) })
	r.with(spec, 0.25, "os", func() any { return fields{"name": r.one("windows", "windows", "linux", "Windows", "")} })
	r.with(spec, 0.85, "securityContext", func() any { return r.podContext() })
	r.with(spec, 0.3, "volumes", func() any { return r.list(r.Intn(3), func() any { return r.volume() }) })
	metadata := fields{"name": "p", "annotations": r.annotations()}
	return fields{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
}

func (r *pods) podContext() fields {
	context := fields{}
	r.with(context, 0.85, "runAsNonRoot", func() any { return !r.chance(r.odd) })
	r.with(context, 0.85, "seccompProfile", func() any { return r.profile() })
	r.with(context, 0.15, "sysctls", func() any {
		return r.list(r.Intn(3), func() any {
			odd := []string{"kernel.msgmax", "net/ipv4/tcp_syncookies", "net.ipv4.tcp_rmem ", "", "net.core.somaxconn"}
			return fields{"name": r.either(sysctls, odd), "value": "1"}
		})
	})
	r.common(context)
	return context
}

func (r *pods) containerContext() fields {
	context := fields{}
	r.with(context, r.odd, "privileged", func() any { return r.chance(0.5) })
	r.with(context, 0.95, "allowPrivilegeEscalation", func() any { return r.chance(r.odd) })
	r.with(context, 0.3, "runAsNonRoot", func() any { return !r.chance(r.odd) })
	r.with(context, 0.3, "seccompProfile", func() any { return r.profile() })
	r.with(context, 0.15, "procMount", func() any {
		return r.either([]string{"Default"}, []string{"Unmasked", "", "Other"})
	})
	r.with(context, 0.95, "capabilities", func() any {
		capabilities := fields{}
		r.with(capabilities, 0.95, "drop", func() any {
			return r.list(1+r.Intn(2), func() any {
				return r.either([]string{"ALL"}, []string{"all", "CAP_ALL", "NET_RAW"})
			})
		})
		r.with(capabilities, 0.4, "add", func() any {
			usual := []string{"NET_BIND_SERVICE"}
			if r.chance(0.4) {
				usual = allowed
			}
			odd := []string{"NET_RAW", "SYS_ADMIN", "ALL", "CAP_CHOWN", "chown", "CAP_NET_BIND_SERVICE", ""}
			return r.list(r.Intn(3), func() any { return r.either(usual, odd) })
		})
		return capabilities
	})
	r.common(context)
	return context
}

// common sets what pods and containers have in common.
func (r *pods) common(context fields) {
	r.with(context, 0.3, "runAsUser", func() any {
		if r.chance(r.odd) {
			return 0
		}
		return 1000
	})
	r.with(context, 0.2, "appArmorProfile", func() any { return r.profile() })
	r.with(context, 0.15, "windowsOptions", func() any {
		options := fields{}
		r.with(options, r.odd, "hostProcess", func() any { return r.chance(0.5) })
		return options
	})
	r.with(context, 0.2, "seLinuxOptions", func() any {
		options := fields{}
		usual := []string{"container_t", "container_init_t", "container_kvm_t", "", "container_engine_t"}
		r.with(options, 0.7, "type", func() any { return r.either(usual, []string{"spc_t", "CONTAINER_T"}) })
		r.with(options, r.odd, "user", func() any { return r.one("", "system_u") })
		r.with(options, r.odd, "role", func() any { return r.one("", "object_r") })
		r.with(options, 0.3, "level", func() any { return "s0:c1" })
		return options
	})
}

// profile makes one of seccomp or AppArmor.
func (r *pods) profile() fields {
	usual := []string{"RuntimeDefault", "RuntimeDefault", "Localhost"}
	profile := fields{}
	r.with(profile, 0.99, "type", func() any {
		return r.either(usual, []string{"Unconfined", "", "unconfined", "runtime/default"})
	})
	return profile
}

func (r *pods) container(name string) fields {
	container := fields{"name": name, "image": "i"}
	r.with(container, 0.9, "securityContext", func() any { return r.containerContext() })
	r.with(container, 0.2, "ports", func() any {
		return r.list(r.Intn(3), func() any {
			port := fields{"containerPort": 80}
			r.with(port, r.odd, "hostPort", func() any { return r.Intn(2) * 8080 })
			return port
		})
	})
	for _, name := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		r.with(container, 0.1, name, func() any { return r.handler() })
	}
	r.with(container, 0.1, "lifecycle", func() any {
		lifecycle := fields{}
		r.with(lifecycle, 0.5, "postStart", func() any { return r.handler() })
		r.with(lifecycle, 0.5, "preStop", func() any { return r.handler() })
		return lifecycle
	})
	return container
}

func (r *pods) handler() fields {
	handler := fields{}
	r.with(handler, 1, r.one("httpGet", "tcpSocket"), func() any {
		action := fields{"port": 80}
		r.with(action, 0.4, "host", func() any {
			return r.either([]string{""}, []string{"127.0.0.1", "localhost", "::1", "example.com", " "})
		})
		return action
	})
	return handler
}

func (r *pods) volume() fields {
	volume := fields{"name": "v"}
	r.with(volume, 0.9, r.either(volumes, otherVolumes), func() any { return fields{} })
	r.with(volume, 0.03, r.one(otherVolumes...), func() any { return nil })
	return volume
}

func (r *pods) annotations() fields {
	annotations := fields{}
	usual := []string{"runtime/default", "localhost/x", "localhost/"}
	odd := []string{"unconfined", "localhost", "", "docker/default", "Runtime/default"}
	container := r.one("a", "b", "c", "i", "e", "gone", "")
	r.with(annotations, 0.15, "container.apparmor.security.beta.kubernetes.io/"+container, func() any {
		return r.either(usual, odd)
	})
	r.with(annotations, 0.15, "container.seccomp.security.alpha.kubernetes.io/"+container, func() any {
		return r.either(usual, odd)
	})
	r.with(annotations, 0.1, r.one("seccomp.security.alpha.kubernetes.io/pod", "seccomp.security.alpha.kubernetes.io/pods"),
		func() any { return r.either(usual, odd) })
	return annotations
}

var allowed = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYS_CHROOT",
}

var sysctls = []string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
	"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_slow_start_after_idle",
	"net.ipv4.tcp_notsent_lowat",
}

var volumes = []string{
	"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
}

var otherVolumes = []string{
	"hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd", "flexVolume",
	"cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk", "portworxVolume", "scaleIO",
	"storageos", "photonPersistentDisk",
}
