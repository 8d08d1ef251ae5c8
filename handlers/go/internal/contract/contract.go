// Package contract holds what the four functions of the shed have in common. It knows no AWS SDK, so that the cat does
// not link it.
package contract

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"
)

// Request is the part of API Gateway's proxy event that the shed reads.
type Request struct {
	PathParameters        map[string]string `json:"pathParameters"`
	QueryStringParameters map[string]string `json:"queryStringParameters"`
}

// Answer is what API Gateway turns into an HTTP response.
type Answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// Serve takes requests until the environment ends. Anything unexpected goes to the log, and the client gets 500.
func Serve(handle func(context.Context, Request) (Answer, error)) {
	log.SetFlags(0)
	lambda.Start(func(ctx context.Context, request Request) (Answer, error) {
		answer, err := handle(ctx, request)
		if err != nil {
			log.Print(err)
			return Message(500, "Server error"), nil
		}
		return answer, nil
	})
}

// JSON gives an answer with a JSON body.
func JSON(status int, body any) Answer {
	text, err := json.Marshal(body)
	if err != nil {
		// Bodies are maps of texts and numbers, which always have a JSON form.
		panic(err)
	}
	headers := map[string]string{"Access-Control-Allow-Origin": origin(), "Content-Type": "application/json"}
	return Answer{StatusCode: status, Headers: headers, Body: string(text)}
}

// Message gives an error's answer: {"message":…}.
func Message(status int, text string) Answer {
	return JSON(status, map[string]string{"message": text})
}

// NoContent gives 204: neither a body nor a type of it.
func NoContent() Answer {
	return Answer{StatusCode: 204, Headers: map[string]string{"Access-Control-Allow-Origin": origin()}}
}

func origin() string {
	if origin := os.Getenv("ALLOW_ORIGIN"); origin != "" {
		return origin
	}
	return "*"
}

const maxDigits = 20

// WholeNumber gives the number that text is, if it has 1 to 20 ASCII digits and is at most maximum.
func WholeNumber(text string, maximum uint64) (uint64, bool) {
	if len(text) > maxDigits {
		return 0, false
	}
	// ParseUint takes ASCII digits only, no sign, and, with base 10, no underscores; it refuses the empty text.
	number, err := strconv.ParseUint(text, 10, 64)
	return number, err == nil && number <= maximum
}
