package provider

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file contains the rules that Terraform enforces for providers. If a provider breaks one of them, Terraform
// prints "This is a bug in the provider". The rules follow the descriptions in Terraform's package plans/objchange.

// object maps the names of an object's attributes and blocks to their values. A nil object is null.
type object map[string]tftypes.Value

// objectSchema contains the parts of a schema that the rules need.
type objectSchema struct {
	objectType tftypes.Object
	attributes map[string]*tfprotov6.SchemaAttribute
	// blocks are nested blocks, each of which a resource contains at most once.
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
			return s, fmt.Errorf("the rules for blocks nested as %s aren't written yet", nested.Nesting)
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
	packed, err := tfprotov6.NewDynamicValue(s.objectType, s.value(o))
	if err != nil {
		panic(err)
	}
	return &packed
}

func (s objectSchema) unpack(packed *tfprotov6.DynamicValue) object {
	value, err := packed.Unmarshal(s.objectType)
	if err != nil {
		panic(err)
	}
	return s.object(value)
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

// null returns the value of an attribute or block that isn't set.
func (s objectSchema) null(name string) tftypes.Value {
	return tftypes.NewValue(s.objectType.AttributeTypes[name], nil)
}

// of returns an attribute or block of o, or null if o is null.
func (s objectSchema) of(o object, name string) tftypes.Value {
	if o == nil {
		return s.null(name)
	}
	return o[name]
}

// proposed returns the new state that Terraform proposes to the provider: the configured values, including write-only
// values, and the prior values of computed attributes that aren't configured.
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

// planProblems describes the rules that a plan breaks. describe formats a value.
func (s objectSchema) planProblems(prior, config, planned object, describe func(tftypes.Value) string) (problems []string) {
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
			problems = append(problems, name+": planned another value for a block that isn't known, or one that isn't known")
		case attribute == nil:
			for _, problem := range block.planProblems(block.object(before), block.object(is), block.object(after), describe) {
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

// changes describes the values that differ from the promised ones, because only unknown values may change. The rule
// applies to the final plan after the first one, and to the result after the final plan.
func (s objectSchema) changes(promised, actual object, describe func(tftypes.Value) string) (problems []string) {
	switch {
	case promised == nil && actual != nil:
		return []string{"was absent, but now present"}
	case promised != nil && actual == nil:
		return []string{"was present, but now absent"}
	}
	for _, name := range s.names() {
		if promised == nil {
			break
		}
		for _, problem := range valueChanges(promised[name], actual[name], describe) {
			problems = append(problems, name+problem)
		}
	}
	return problems
}

func valueChanges(promised, actual tftypes.Value, describe func(tftypes.Value) string) (problems []string) {
	if !promised.IsKnown() || actual.Equal(promised) {
		return nil
	}
	var before, after map[string]tftypes.Value
	if actual.IsKnown() && !promised.IsNull() && !actual.IsNull() && promised.As(&before) == nil && actual.As(&after) == nil {
		for _, name := range slices.Sorted(maps.Keys(before)) {
			for _, problem := range valueChanges(before[name], after[name], describe) {
				problems = append(problems, "."+name+problem)
			}
		}
		return problems
	}
	return []string{": was " + describe(promised) + ", but now " + describe(actual)}
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

func TestRulesOfTerraformFindInvalidPlans(t *testing.T) {
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
	block := schema.blocks["block"]
	some := func(set map[string]any) object {
		o := object{}
		for _, name := range schema.names() {
			o[name] = schema.null(name)
		}
		for name, value := range set {
			switch {
			case name == "inner":
				o["block"] = block.value(object{"inner": tftypes.NewValue(text, value)})
			case value == unknown:
				o[name] = tftypes.NewValue(text, tftypes.UnknownValue)
			default:
				o[name] = tftypes.NewValue(text, value)
			}
		}
		return o
	}
	describe := func(v tftypes.Value) string { return v.String() }

	proposed := schema.proposed(
		some(map[string]any{"argument": "old", "defaulted": "old", "result": "old"}),
		some(map[string]any{"argument": unknown, "secret": "s", "inner": "new"}))
	if !schema.equal(proposed, some(map[string]any{"argument": unknown, "defaulted": "old", "result": "old", "secret": "s", "inner": "new"})) {
		t.Errorf("proposed %v", proposed)
	}

	for _, c := range []struct {
		prior, config, planned map[string]any
		isWrong                bool
	}{
		{config: map[string]any{"argument": "a"}, planned: map[string]any{"argument": "a", "defaulted": unknown, "result": unknown}},
		{config: map[string]any{"argument": "a"}, planned: map[string]any{"argument": unknown}, isWrong: true},
		{config: map[string]any{"argument": unknown}, planned: map[string]any{"argument": "a"}, isWrong: true},
		{config: nil, planned: map[string]any{"argument": "a"}, isWrong: true},
		{config: map[string]any{"defaulted": "a"}, planned: map[string]any{"defaulted": "b"}, isWrong: true},
		{config: map[string]any{"defaulted": "A"}, prior: map[string]any{"defaulted": "a"}, planned: map[string]any{"defaulted": "a"}},
		{config: map[string]any{"secret": "s"}, planned: map[string]any{}},
		{config: map[string]any{}, planned: map[string]any{"secret": "s"}, isWrong: true},
		{config: map[string]any{"inner": "a"}, planned: map[string]any{"inner": "a"}},
		{config: map[string]any{"inner": "a"}, planned: map[string]any{"inner": "b"}, isWrong: true},
		{config: map[string]any{"inner": "a"}, planned: map[string]any{}, isWrong: true},
	} {
		problems := schema.planProblems(some(c.prior), some(c.config), some(c.planned), describe)
		if (len(problems) > 0) != c.isWrong {
			t.Errorf("%v planned as %v: %q", c.config, c.planned, problems)
		}
	}

	for _, c := range []struct {
		promised, actual map[string]any
		isWrong          bool
	}{
		{promised: map[string]any{"result": unknown}, actual: map[string]any{"result": "a"}},
		{promised: map[string]any{"result": unknown}, actual: map[string]any{}},
		{promised: map[string]any{"result": unknown}, actual: map[string]any{"result": unknown}},
		{promised: map[string]any{"result": "a"}, actual: map[string]any{"result": "a"}},
		{promised: map[string]any{"result": "a"}, actual: map[string]any{"result": "b"}, isWrong: true},
		{promised: map[string]any{"result": "a"}, actual: map[string]any{"result": unknown}, isWrong: true},
		{promised: map[string]any{"result": "a"}, actual: map[string]any{}, isWrong: true},
		{promised: map[string]any{}, actual: map[string]any{"result": "a"}, isWrong: true},
		{promised: map[string]any{}, actual: map[string]any{"result": unknown}, isWrong: true},
		{promised: map[string]any{"inner": "a"}, actual: map[string]any{"inner": "b"}, isWrong: true},
		{promised: map[string]any{"inner": "a"}, actual: map[string]any{}, isWrong: true},
	} {
		if problems := schema.changes(some(c.promised), some(c.actual), describe); (len(problems) > 0) != c.isWrong {
			t.Errorf("%v became %v: %q", c.promised, c.actual, problems)
		}
	}
	if schema.changes(nil, nil, describe) != nil || schema.changes(some(nil), nil, describe) == nil || schema.changes(nil, some(nil), describe) == nil {
		t.Error("what is absent may not be present afterwards, nor the other way round")
	}
}
