// Package table is the shed's table in DynamoDB: all calls that the contract allows.
package table

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Sheep is one sheep: its tattoo, which is its key, and its weight in micrograms.
type Sheep struct {
	Tattoo, Weight uint64
}

// Table is the table that BACKEND_TABLE_NAME names.
type Table struct {
	client *dynamodb.Client
	name   *string
}

// FromEnvironment returns the table with a client made from the variables that Lambda sets. They are valid for the
// lifetime of the environment.
func FromEnvironment() *Table {
	options := dynamodb.Options{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}
	for _, name := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"} {
		if url := os.Getenv(name); url != "" {
			options.BaseEndpoint = &url
			break
		}
	}
	return &Table{client: dynamodb.New(options), name: aws.String(os.Getenv("BACKEND_TABLE_NAME"))}
}

// Add adds a sheep unless its tattoo exists. It reports whether the sheep was added.
func (t *Table) Add(ctx context.Context, sheep Sheep) (bool, error) {
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:           t.name,
		Item:                map[string]types.AttributeValue{"tattoo": number(sheep.Tattoo), "weight": number(sheep.Weight)},
		ConditionExpression: aws.String("attribute_not_exists(tattoo)"),
	})
	return unlessConditionFails(err)
}

// Remove removes a sheep. It reports whether the sheep existed.
func (t *Table) Remove(ctx context.Context, tattoo uint64) (bool, error) {
	_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:           t.name,
		Key:                 map[string]types.AttributeValue{"tattoo": number(tattoo)},
		ConditionExpression: aws.String("attribute_exists(tattoo)"),
		ReturnValues:        types.ReturnValueAllOld,
	})
	return unlessConditionFails(err)
}

// Count counts the sheep by a scan of the whole table.
func (t *Table) Count(ctx context.Context) (int64, error) {
	var count int64
	err := t.scan(ctx, types.SelectCount, func(page *dynamodb.ScanOutput) error {
		count += int64(page.Count)
		return nil
	})
	return count, err
}

// All returns all sheep, in no particular order, by a scan of the whole table.
func (t *Table) All(ctx context.Context) ([]Sheep, error) {
	var all []Sheep
	err := t.scan(ctx, types.SelectAllAttributes, func(page *dynamodb.ScanOutput) error {
		for _, item := range page.Items {
			tattoo, err := parse(item, "tattoo")
			if err != nil {
				return err
			}
			weight, err := parse(item, "weight")
			if err != nil {
				return err
			}
			all = append(all, Sheep{Tattoo: tattoo, Weight: weight})
		}
		return nil
	})
	return all, err
}

const (
	// How many sheep one segment of a parallel scan should read: about five pages of 1 MB.
	sheepPerSegment = 100_000
	// The largest number of segments that DynamoDB accepts.
	maxSegments = 1_000_000
)

// scan reads all pages of all segments. The segments are read in parallel; take gets one page at a time.
func (t *Table) scan(ctx context.Context, which types.Select, take func(*dynamodb.ScanOutput) error) error {
	described, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: t.name})
	if err != nil {
		return err
	}
	segments := SegmentCount(aws.ToInt64(described.Table.ItemCount))
	var taking sync.Mutex
	scanSegment := func(segment int32) error {
		request := &dynamodb.ScanInput{
			TableName: t.name, Select: which, Segment: aws.Int32(segment), TotalSegments: aws.Int32(segments),
		}
		for {
			page, err := t.client.Scan(ctx, request)
			if err != nil {
				return err
			}
			taking.Lock()
			err = take(page)
			taking.Unlock()
			if err != nil || page.LastEvaluatedKey == nil {
				return err
			}
			request.ExclusiveStartKey = page.LastEvaluatedKey
		}
	}
	failures := make([]error, segments)
	var running sync.WaitGroup
	for segment := range segments {
		running.Add(1)
		go func() {
			defer running.Done()
			failures[segment] = scanSegment(segment)
		}()
	}
	running.Wait()
	return errors.Join(failures...)
}

// SegmentCount returns the number of segments: one, and another for every 100,000 items.
func SegmentCount(items int64) int32 {
	return int32(min(1+max(items, 0)/sheepPerSegment, maxSegments))
}

func number(value uint64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatUint(value, 10)}
}

func parse(item map[string]types.AttributeValue, name string) (uint64, error) {
	attribute, ok := item[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("an item has no number %q: %v", name, item)
	}
	return strconv.ParseUint(attribute.Value, 10, 64)
}

func unlessConditionFails(err error) (bool, error) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return false, nil
	}
	return err == nil, err
}
