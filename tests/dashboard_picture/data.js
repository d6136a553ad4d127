// What Prometheus answered, as Grafana's data frames.
import {applyFieldOverrides, cacheFieldDisplayNames, FieldType, identityOverrideProcessor, Registry,
  toDataFrame} from '@grafana/data';

/** A frame for each series of a graph; of a table, one for each query. */
export function framesOf(panel, answers) {
  return panel.targets.flatMap((target, index) => target.format === 'table'
    ? [tableOf(target, answers[index], panel.targets.length)]
    : answers[index].map(series => graphOf(target, series)));
}

function graphOf(target, {metric, values}) {
  return toDataFrame({
    refId: target.refId,
    fields: [
      {name: 'Time', type: FieldType.time, values: values.map(([at]) => at * 1000)},
      {name: 'Value', type: FieldType.number, values: values.map(([, value]) => Number(value)), labels: metric,
        config: {displayNameFromDS: legend(target.legendFormat, metric)}},
    ],
  });
}

function legend(format, labels) {
  return format.replace(/\{\{(\w+)\}\}/g, (_, name) => labels[name] ?? '').replace(/ +/g, ' ').trim();
}

function tableOf(target, series, targets) {
  const names = [...new Set(series.flatMap(({metric}) => Object.keys(metric)))].sort();
  return toDataFrame({
    refId: target.refId,
    fields: [
      {name: 'Time', type: FieldType.time, values: series.map(({value: [at]}) => at * 1000)},
      ...names.map(name => ({name, type: FieldType.string, values: series.map(({metric}) => metric[name] ?? '')})),
      {name: targets > 1 ? `Value #${target.refId}` : 'Value', type: FieldType.number,
        values: series.map(({value: [, value]}) => Number(value))},
    ],
  });
}

/** The frames with what the panel says of their fields. */
export function withFieldConfig(frames, fieldConfig, theme) {
  const configured = applyFieldOverrides({
    data: frames, fieldConfig, theme, timeZone: 'utc', replaceVariables: text => text,
    fieldConfigRegistry: new Registry(() => knownOptions(fieldConfig)),
  });
  cacheFieldDisplayNames(configured);
  return configured;
}

// Grafana's core knows the options of each kind of panel; here, those that are there are known.
function knownOptions({defaults: {custom = {}, ...standard}, overrides}) {
  const ids = new Set([...Object.keys(standard), ...Object.keys(custom).map(key => `custom.${key}`),
    ...overrides.flatMap(({properties}) => properties.map(({id}) => id))]);
  return [...ids].map(id => ({
    id, name: id, path: id.replace('custom.', ''), isCustom: id.startsWith('custom.'), settings: {},
    override: () => null, editor: () => null, process: identityOverrideProcessor, shouldApply: () => true,
  }));
}
