import type { TypeRegistry } from '../../resources/resource-type.ts';
import type { Template } from './engine/template.ts';

/** The capabilities that a template needs, with the reason, in the form of ValidateTemplate and GetTemplateSummary. */
export function capabilityShape(
  template: Template,
  registry: TypeRegistry,
): { readonly Capabilities?: readonly string[]; readonly CapabilitiesReason?: string } {
  const needed = new Set<string>();
  const types = new Set<string>();
  for (const resource of template.resources.values()) {
    const capability = registry.get(resource.type)?.capability?.(resource.properties);
    if (capability === undefined) continue;
    needed.add(capability);
    types.add(resource.type);
  }
  if (needed.has('CAPABILITY_NAMED_IAM')) needed.delete('CAPABILITY_IAM');
  if (needed.size === 0) return {};
  return {
    Capabilities: [...needed],
    CapabilitiesReason: `The following resource(s) require capabilities: [${[...types].join(', ')}]`,
  };
}
