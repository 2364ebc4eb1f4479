package cdpbatch

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// fill gives every field below a value that the library takes.
func fill(t *testing.T, value reflect.Value) {
	for index := range value.NumField() {
		field, name := value.Field(index), value.Type().Field(index).Name
		switch of := field.Interface().(type) {
		case map[string]any:
		case time.Duration:
			field.SetInt(int64(7 * time.Millisecond))
		case int, int64:
			field.SetInt(9)
			if name == "MaxBatchBytes" {
				field.SetInt(10_000)
			}
		case *bool:
			field.Set(reflect.ValueOf(new(bool)))
		case *float64:
			field.Set(reflect.ValueOf(new(float64)))
		case Check:
			field.SetString(string(CheckModel))
		case OnInvalid:
			field.SetString(string(OnInvalidStop))
		case RaiseOn:
			field.SetString(string(RaiseOnNever))
		case Secret:
			field.SetString("http://localhost:1")
		case string:
			field.SetString("guest")
			if name == "Mode" {
				field.SetString("upsert")
			}
			if name == "CAFile" {
				field.SetString("")
			}
		default:
			if field.Kind() != reflect.Struct {
				t.Fatalf("%s is a %T, which this test does not know", name, of)
			}
			fill(t, field)
		}
	}
}

func TestEveryOptionIsKnownToTheLibraryByItsName(t *testing.T) {
	var options ClientOptions
	fill(t, reflect.ValueOf(&options).Elem())
	client, err := New(Config{Region: "eu", ClientKey: "key", APIToken: "token", Options: options})
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	// A file that is not there is named, so the option arrived.
	options.HTTP.CAFile = "no-such-file"
	if _, err := New(Config{Region: "eu", ClientKey: "key", APIToken: "token", Options: options}); err == nil {
		t.Error("the file is not looked for")
	}
}

func TestOptionsThatAreNotSetAreLeftOutAndFalseAndNoneAreNot(t *testing.T) {
	for expected, options := range map[string]ClientOptions{
		"{}":                                {},
		`{"verify":false}`:                  {RunOptions: RunOptions{Verify: new(bool)}},
		`{"max_reject_rate":0}`:             {RunOptions: RunOptions{MaxRejectRate: new(float64)}},
		`{"wait":{"timeout_ms":1}}`:         {RunOptions: RunOptions{Wait: Wait{Timeout: time.Microsecond}}},
		`{"retry":{"base_ms":1500}}`:        {Retry: Retry{Base: 1500 * time.Millisecond}},
		`{"http":{"proxy":"http://a:b@c"}}`: {HTTP: HTTP{Proxy: "http://a:b@c"}},
	} {
		encoded, err := json.Marshal(options.fields())
		if err != nil || string(encoded) != expected {
			t.Errorf("expected %s, got %s, %v", expected, encoded, err)
		}
	}
}

func TestExtraIsLaidOverTheOthers(t *testing.T) {
	options := &RunOptions{Level: 1, Extra: map[string]any{"level": 12}}
	client, err := New(Config{Region: "eu", ClientKey: "key", APIToken: "token"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Validate(t.Context(), Bytes([]byte("{}")), options)
	if err == nil || err.Error() != "level is 12, but must be between 1 and 9" {
		t.Errorf("the library should be asked for level 12: %v", err)
	}
}
