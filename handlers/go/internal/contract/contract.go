// Package contract is the code that the four functions of the shed share. It imports no AWS SDK, so that the cat's
// binary contains none.
package contract

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"
)

// Request is the part of API Gateway's proxy event that the functions read.
type Request struct {
	PathParameters        map[string]string `json:"pathParameters"`
	QueryStringParameters map[string]string `json:"queryStringParameters"`
}

// Answer is an answer that API Gateway converts to an HTTP response.
type Answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// Serve handles requests until the environment ends. An unexpected error is logged, and the client gets 500.
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

// JSON returns an answer with a JSON body.
func JSON(status int, body any) Answer {
	text, err := json.Marshal(body)
	if err != nil {
		// Bodies are structs and maps of texts and numbers, which can always be encoded.
		panic(err)
	}
	headers := map[string]string{"Access-Control-Allow-Origin": origin(), "Content-Type": "application/json"}
	return Answer{StatusCode: status, Headers: headers, Body: string(text)}
}

// Message returns the answer of an error: {"message":…}.
func Message(status int, text string) Answer {
	return JSON(status, map[string]string{"message": text})
}

// NoContent returns 204: an answer without a body and without Content-Type.
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

// WholeNumber parses a whole number: 1 to 20 ASCII digits, leading zeros included, at most maximum.
func WholeNumber(text string, maximum uint64) (uint64, bool) {
	if len(text) > maxDigits {
		return 0, false
	}
	// ParseUint accepts ASCII digits only. It refuses the empty text and signs and, with base 10, underscores.
	number, err := strconv.ParseUint(text, 10, 64)
	return number, err == nil && number <= maximum
}
