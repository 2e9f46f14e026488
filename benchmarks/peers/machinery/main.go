// Command machinery-peer sends and runs no-op tasks with machinery, over the DynamoDB and SQS that the environment names.
//
//	machinery-peer tables              creates machinery's two tables
//	machinery-peer submit TASKS        sends tasks, 32 at a time, and prints processor time and seconds
//	machinery-peer work TASKS          prints "ready", runs tasks, and prints the times of the first and the last one
//
// The settings are those with which machinery is fastest here: long polls of 20 s, connections that stay open, and four
// workers of eight, because one worker's loop takes one message at a time.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	stdlog "log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/RichardKnop/machinery/v2"
	backend "github.com/RichardKnop/machinery/v2/backends/dynamodb"
	broker "github.com/RichardKnop/machinery/v2/brokers/sqs"
	"github.com/RichardKnop/machinery/v2/config"
	"github.com/RichardKnop/machinery/v2/locks/eager"
	"github.com/RichardKnop/machinery/v2/log"
	"github.com/RichardKnop/machinery/v2/tasks"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/sqs"
)

const (
	stateTable  = "machinery_states"
	groupTable  = "machinery_groups"
	open        = 32
	workers     = 4
	concurrency = 8
)

func main() {
	log.Set(quiet{})
	if len(os.Args) < 2 {
		fail("usage: machinery-peer tables | submit TASKS | work TASKS")
	}
	switch os.Args[1] {
	case "tables":
		createTables()
	case "submit":
		submit(count())
	case "work":
		work(count())
	default:
		fail("unknown command " + os.Args[1])
	}
}

// quiet drops machinery's lines about each task. Writing them would count as the peer's work.
type quiet struct{}

func (quiet) Print(...interface{})              {}
func (quiet) Printf(string, ...interface{})     {}
func (quiet) Println(...interface{})            {}
func (quiet) Fatal(v ...interface{})            { fail(fmt.Sprint(v...)) }
func (quiet) Fatalf(f string, v ...interface{}) { fail(fmt.Sprintf(f, v...)) }
func (quiet) Fatalln(v ...interface{})          { fail(fmt.Sprint(v...)) }
func (quiet) Panic(v ...interface{})            { fail(fmt.Sprint(v...)) }
func (quiet) Panicf(f string, v ...interface{}) { fail(fmt.Sprintf(f, v...)) }
func (quiet) Panicln(v ...interface{})          { fail(fmt.Sprint(v...)) }

func fail(what string) {
	fmt.Fprintln(os.Stderr, what)
	os.Exit(1)
}

func count() int {
	if len(os.Args) < 3 {
		fail("the number of tasks is missing")
	}
	number, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	return number
}

func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fail(name + " is not set")
	}
	return value
}

func clients() (*dynamodb.DynamoDB, *sqs.SQS) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 512, 512
	made, err := session.NewSession(&aws.Config{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		fail(err.Error())
	}
	endpoint := func(name string) *aws.Config { return aws.NewConfig().WithEndpoint(setting(name)) }
	return dynamodb.New(made, endpoint("AWS_ENDPOINT_URL_DYNAMODB")), sqs.New(made, endpoint("AWS_ENDPOINT_URL_SQS"))
}

// server makes machinery's server over the queue that Taskway uses for tasks of normal priority.
func server() *machinery.Server {
	table, queue := clients()
	url := setting("TASKWAY_QUEUE_NORMAL")
	cut := strings.LastIndex(url, "/")
	visibility := 60
	settings := &config.Config{
		Broker:        url[:cut],
		DefaultQueue:  url[cut+1:],
		SQS:           &config.SQSConfig{Client: queue, WaitTimeSeconds: 20, VisibilityTimeout: &visibility},
		DynamoDB:      &config.DynamoDBConfig{Client: table, TaskStatesTable: stateTable, GroupMetasTable: groupTable},
		NoUnixSignals: true,
	}
	return machinery.NewServer(settings, broker.New(settings), backend.New(settings), eager.New())
}

func createTables() {
	table, _ := clients()
	for name, key := range map[string]string{stateTable: "TaskUUID", groupTable: "GroupUUID"} {
		_, err := table.CreateTable(&dynamodb.CreateTableInput{
			TableName:            aws.String(name),
			BillingMode:          aws.String(dynamodb.BillingModePayPerRequest),
			AttributeDefinitions: []*dynamodb.AttributeDefinition{{AttributeName: aws.String(key), AttributeType: aws.String("S")}},
			KeySchema:            []*dynamodb.KeySchemaElement{{AttributeName: aws.String(key), KeyType: aws.String("HASH")}},
		})
		if err != nil && !strings.Contains(err.Error(), dynamodb.ErrCodeResourceInUseException) {
			fail(err.Error())
		}
	}
}

func submit(number int) {
	to := server()
	var failed atomic.Value
	jobs := make(chan struct{})
	var all sync.WaitGroup
	used, began := processorTime(), time.Now()
	for range open {
		all.Go(func() {
			for range jobs {
				if _, err := to.SendTask(&tasks.Signature{Name: "echo"}); err != nil {
					failed.Store(err.Error())
				}
			}
		})
	}
	for range number {
		jobs <- struct{}{}
	}
	close(jobs)
	all.Wait()
	if err := failed.Load(); err != nil {
		fail(err.(string))
	}
	tell(map[string]any{
		"cpu_ms":     processorTime() - used,
		"seconds":    time.Since(began).Seconds(),
		"started_at": began.UnixMilli(),
	})
}

func work(number int) {
	var started, done atomic.Int64
	var left atomic.Int64
	left.Store(int64(number))
	over := make(chan struct{})
	echo := func() error {
		now := time.Now().UnixMilli()
		started.CompareAndSwap(0, now)
		if left.Add(-1) == 0 {
			done.Store(now)
			close(over)
		}
		return nil
	}
	errors := make(chan error)
	for worker := range workers {
		from := server()
		if err := from.RegisterTask("echo", echo); err != nil {
			fail(err.Error())
		}
		from.NewWorker(fmt.Sprintf("worker-%d", worker), concurrency).LaunchAsync(errors)
	}
	fmt.Println("ready")
	select {
	case <-over:
	case err := <-errors:
		fail(fmt.Sprint(err))
	}
	tell(map[string]any{"started_at": started.Load(), "done_at": done.Load()})
	// Writes the last outcomes and deletes the last messages, until the caller has read what this process used.
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// processorTime is what this process has used, in milliseconds.
func processorTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err.Error())
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func tell(what any) {
	text, err := json.Marshal(what)
	if err != nil {
		stdlog.Fatal(err)
	}
	fmt.Println(string(text))
}
