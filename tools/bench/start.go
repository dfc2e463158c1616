package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
)

// start is what it takes to start a provider and to have its schema answered.
type start struct {
	took time.Duration
	// memory is what is resident then, in bytes; 0 where the system doesn't tell.
	memory int64
	// binary is the program's size, in bytes.
	binary int64
}

const starts = 21

// measureStarts starts each program in turn, several times, and returns the medians.
func measureStarts(ctx context.Context, programs ...string) ([]start, error) {
	took, memory := make([][]time.Duration, len(programs)), make([][]int64, len(programs))
	for range starts {
		for i, program := range programs {
			one, err := startOnce(ctx, program)
			if err != nil {
				return nil, fmt.Errorf("starting %s: %w", program, err)
			}
			took[i], memory[i] = append(took[i], one.took), append(memory[i], one.memory)
		}
	}
	medians := make([]start, len(programs))
	for i, program := range programs {
		file, err := os.Stat(program)
		if err != nil {
			return nil, err
		}
		medians[i] = start{took: median(took[i]), memory: median(memory[i]), binary: file.Size()}
	}
	return medians, nil
}

func startOnce(ctx context.Context, program string) (start, error) {
	cmd := exec.CommandContext(ctx, program)
	client := plugin.NewClient(&plugin.ClientConfig{
		// Terraform's own.
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": asker{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Cmd:              cmd,
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	began := time.Now()
	protocol, err := client.Client()
	if err != nil {
		return start{}, err
	}
	raw, err := protocol.Dispense("provider")
	if err != nil {
		return start{}, err
	}
	connection, ok := raw.(*grpc.ClientConn)
	if !ok {
		return start{}, fmt.Errorf("it doesn't speak gRPC")
	}
	var request, schema []byte
	if err := connection.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", &request, &schema,
		grpc.ForceCodec(bytesCodec{}), grpc.MaxCallRecvMsgSize(64<<20)); err != nil {
		return start{}, err
	}
	return start{took: time.Since(began), memory: resident(cmd.Process.Pid)}, nil
}

// resident is how much of a process is in memory, in bytes.
func resident(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var size int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &size); n == 1 {
			return size << 10
		}
	}
	return 0
}

// asker is the client side of a provider: nothing but the connection.
type asker struct{ plugin.Plugin }

func (asker) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (asker) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return connection, nil
}

// bytesCodec sends and receives messages as they are on the wire. An empty message is a request for the
// schema.
type bytesCodec struct{}

var _ encoding.Codec = bytesCodec{}

func (bytesCodec) Name() string { return "bytes" }

func (bytesCodec) Marshal(message any) ([]byte, error) {
	content, ok := message.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("%T isn't bytes", message)
	}
	return *content, nil
}

func (bytesCodec) Unmarshal(content []byte, message any) error {
	into, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("%T isn't bytes", message)
	}
	*into = slices.Clone(content)
	return nil
}
