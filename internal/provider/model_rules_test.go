package provider

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file contains the rules that Terraform enforces on the plans and results of providers. If a provider breaks a
// rule, Terraform prints "This is a bug in the provider". The rules follow the descriptions in Terraform's package
// plans/objchange.

// object maps the names of an object's attributes and blocks to their values. A nil object represents null.
type object map[string]tftypes.Value

// objectSchema contains the parts of a schema on which Terraform's rules depend.
type objectSchema struct {
	objectType tftypes.Object
	attributes map[string]*tfprotov6.SchemaAttribute
	// blocks contains the nested blocks, each of which can occur at most once.
	blocks map[string]objectSchema
}

func newObjectSchema(block *tfprotov6.SchemaBlock) (objectSchema, error) {
	s := objectSchema{attributes: map[string]*tfprotov6.SchemaAttribute{}, blocks: map[string]objectSchema{}}
	objectType, ok := block.ValueType().(tftypes.Object)
	if !ok {
		return s, fmt.Errorf("a block is a %s", block.ValueType())
	}
	s.objectType = objectType
	for _, attribute := range block.Attributes {
		s.attributes[attribute.Name] = attribute
	}
	for _, nested := range block.BlockTypes {
		if nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeSingle {
			return s, fmt.Errorf("the rules don't cover blocks with the nesting mode %s", nested.Nesting)
		}
		inner, err := newObjectSchema(nested.Block)
		if err != nil {
			return s, err
		}
		s.blocks[nested.TypeName] = inner
	}
	return s, nil
}

func (s objectSchema) names() []string { return slices.Sorted(maps.Keys(s.objectType.AttributeTypes)) }

func (s objectSchema) pack(o object) *tfprotov6.DynamicValue {
	return new(must(tfprotov6.NewDynamicValue(s.objectType, s.value(o))))
}

func (s objectSchema) unpack(packed *tfprotov6.DynamicValue) object {
	if packed == nil {
		return nil
	}
	return s.object(must(packed.Unmarshal(s.objectType)))
}

func (s objectSchema) value(o object) tftypes.Value {
	if o == nil {
		return tftypes.NewValue(s.objectType, nil)
	}
	return tftypes.NewValue(s.objectType, map[string]tftypes.Value(o))
}

func (s objectSchema) object(value tftypes.Value) object {
	if value.IsNull() {
		return nil
	}
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		panic(err)
	}
	return attributes
}

// newObject returns an object of this schema with the given attributes and blocks. All others are null.
func (s objectSchema) newObject(set fields) object {
	all := object{}
	for name, attributeType := range s.objectType.AttributeTypes {
		switch value := set[name].(type) {
		case fields:
			all[name] = s.blocks[name].value(s.blocks[name].newObject(value))
		case struct{}:
			all[name] = tftypes.NewValue(attributeType, tftypes.UnknownValue)
		default:
			all[name] = tftypes.NewValue(attributeType, value)
		}
	}
	for name := range set {
		if _, known := s.objectType.AttributeTypes[name]; !known {
			panic("there is no attribute " + name)
		}
	}
	return all
}

// of returns an attribute or block of o. If o is null, it returns a null value of the right type.
func (s objectSchema) of(o object, name string) tftypes.Value {
	if o == nil {
		return tftypes.NewValue(s.objectType.AttributeTypes[name], nil)
	}
	return o[name]
}

// proposed returns the new state that Terraform proposes to the provider. It contains the configured values, including
// write-only values, and the prior values of computed attributes that aren't configured.
func (s objectSchema) proposed(prior, config object) object {
	if config == nil {
		return nil
	}
	all := object{}
	for name, attribute := range s.attributes {
		all[name] = config[name]
		if attribute.Computed && config[name].IsNull() {
			all[name] = s.of(prior, name)
		}
	}
	for name, block := range s.blocks {
		all[name] = config[name]
		if config[name].IsKnown() && !config[name].IsNull() {
			all[name] = block.value(block.proposed(block.object(s.of(prior, name)), block.object(config[name])))
		}
	}
	return all
}

// planProblems returns a description of each rule that a plan breaks.
func (s objectSchema) planProblems(prior, config, planned object) (problems []string) {
	switch {
	case planned == nil && config != nil:
		return []string{"planned for absence but config wants existence"}
	case planned != nil && config == nil:
		return []string{"planned for existence but config wants absence"}
	case planned == nil:
		return nil
	}
	for _, name := range s.names() {
		before, is, after := s.of(prior, name), config[name], planned[name]
		attribute, block := s.attributes[name], s.blocks[name]
		switch {
		case after.Equal(is):
		case attribute == nil && (!is.IsKnown() || !after.IsKnown()):
			problems = append(problems, name+": planned another value for an unknown block, or an unknown value for a known block")
		case attribute == nil:
			for _, problem := range block.planProblems(block.object(before), block.object(is), block.object(after)) {
				problems = append(problems, name+"."+problem)
			}
		case after.Equal(before) && !before.IsNull() && !is.IsNull():
		case attribute.WriteOnly:
			if !after.IsNull() {
				problems = append(problems, name+": planned value for write-only attribute is not null")
			}
		case attribute.Computed && (!attribute.Optional || is.IsNull()):
		case is.IsNull():
			problems = append(problems, name+": planned "+describe(after)+" for a non-computed attribute")
		default:
			problems = append(problems, name+": planned "+describe(after)+" does not match config "+describe(is)+" nor prior "+describe(before))
		}
	}
	return problems
}

// changes describes the known values in promised that differ from the values in actual. The known values of the first
// plan must not change in the final plan, and those of the final plan must not change in the result.
func (s objectSchema) changes(promised, actual object) []string {
	return valueChanges("", s.value(promised), s.value(actual))
}

func valueChanges(name string, promised, actual tftypes.Value) (problems []string) {
	if !promised.IsKnown() || actual.Equal(promised) {
		return nil
	}
	var before, after map[string]tftypes.Value
	if actual.IsKnown() && !promised.IsNull() && !actual.IsNull() && promised.As(&before) == nil && actual.As(&after) == nil {
		for _, inner := range slices.Sorted(maps.Keys(before)) {
			problems = append(problems, valueChanges(name+"."+inner, before[inner], after[inner])...)
		}
		return problems
	}
	return []string{name + ": was " + describe(promised) + ", but now " + describe(actual)}
}

func describe(value tftypes.Value) string {
	var text string
	var flag bool
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return "null"
	case value.As(&flag) == nil:
		return strconv.FormatBool(flag)
	case value.As(&text) == nil:
		return strconv.Quote(text)
	}
	return "an object"
}

// unknowns returns the names of the attributes that are unknown or contain an unknown value.
func (s objectSchema) unknowns(o object) (names []string) {
	for _, name := range s.names() {
		if o != nil && !o[name].IsFullyKnown() {
			names = append(names, name)
		}
	}
	return names
}

func (s objectSchema) equal(a, b object) bool { return s.value(a).Equal(s.value(b)) }

func TestTerraformRulesFindInvalidPlans(t *testing.T) {
	t.Parallel()
	text := tftypes.String
	schema, err := newObjectSchema(&tfprotov6.SchemaBlock{
		Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "argument", Type: text, Optional: true},
			{Name: "defaulted", Type: text, Optional: true, Computed: true},
			{Name: "result", Type: text, Computed: true},
			{Name: "secret", Type: text, Optional: true, WriteOnly: true},
		},
		BlockTypes: []*tfprotov6.SchemaNestedBlock{{
			TypeName: "block", Nesting: tfprotov6.SchemaNestedBlockNestingModeSingle,
			Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{{Name: "inner", Type: text, Optional: true}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	proposed := schema.proposed(
		schema.newObject(fields{"argument": "old", "defaulted": "old", "result": "old"}),
		schema.newObject(fields{"argument": unknown, "secret": "s", "block": fields{"inner": "new"}}))
	if !schema.equal(proposed, schema.newObject(fields{"argument": unknown, "defaulted": "old", "result": "old", "secret": "s", "block": fields{"inner": "new"}})) {
		t.Errorf("proposed %v", proposed)
	}

	for _, c := range []struct {
		prior, config, planned fields
		isWrong                bool
	}{
		{config: fields{"argument": "a"}, planned: fields{"argument": "a", "defaulted": unknown, "result": unknown}},
		{config: fields{"argument": "a"}, planned: fields{"argument": unknown}, isWrong: true},
		{config: fields{"argument": unknown}, planned: fields{"argument": "a"}, isWrong: true},
		{config: fields{}, planned: fields{"argument": "a"}, isWrong: true},
		{config: fields{"defaulted": "a"}, planned: fields{"defaulted": "b"}, isWrong: true},
		{config: fields{"defaulted": "A"}, prior: fields{"defaulted": "a"}, planned: fields{"defaulted": "a"}},
		{config: fields{"secret": "s"}, planned: fields{}},
		{config: fields{}, planned: fields{"secret": "s"}, isWrong: true},
		{config: fields{"block": fields{"inner": "a"}}, planned: fields{"block": fields{"inner": "a"}}},
		{config: fields{"block": fields{"inner": "a"}}, planned: fields{"block": fields{"inner": "b"}}, isWrong: true},
		{config: fields{"block": fields{"inner": "a"}}, planned: fields{}, isWrong: true},
	} {
		problems := schema.planProblems(schema.newObject(c.prior), schema.newObject(c.config), schema.newObject(c.planned))
		if (len(problems) > 0) != c.isWrong {
			t.Errorf("%v planned as %v: %q", c.config, c.planned, problems)
		}
	}

	for _, c := range []struct {
		promised, actual fields
		isWrong          bool
	}{
		{promised: fields{"result": unknown}, actual: fields{"result": "a"}},
		{promised: fields{"result": unknown}, actual: fields{}},
		{promised: fields{"result": unknown}, actual: fields{"result": unknown}},
		{promised: fields{"result": "a"}, actual: fields{"result": "a"}},
		{promised: fields{"result": "a"}, actual: fields{"result": "b"}, isWrong: true},
		{promised: fields{"result": "a"}, actual: fields{"result": unknown}, isWrong: true},
		{promised: fields{"result": "a"}, actual: fields{}, isWrong: true},
		{promised: fields{}, actual: fields{"result": "a"}, isWrong: true},
		{promised: fields{}, actual: fields{"result": unknown}, isWrong: true},
		{promised: fields{"block": fields{"inner": "a"}}, actual: fields{"block": fields{"inner": "b"}}, isWrong: true},
		{promised: fields{"block": fields{"inner": "a"}}, actual: fields{}, isWrong: true},
	} {
		if problems := schema.changes(schema.newObject(c.promised), schema.newObject(c.actual)); (len(problems) > 0) != c.isWrong {
			t.Errorf("%v became %v: %q", c.promised, c.actual, problems)
		}
	}
	if empty := schema.newObject(nil); schema.changes(nil, nil) != nil || schema.changes(empty, nil) == nil || schema.changes(nil, empty) == nil {
		t.Error("a promised object may be missing, or an unexpected object may appear")
	}
}
