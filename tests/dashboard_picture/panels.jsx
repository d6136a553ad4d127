// What each kind of panel does with its data.
import {getFieldDisplayValues, standardTransformers, standardTransformersRegistry, transformDataFrame} from '@grafana/data';
import {BigValue, TimeSeries} from '@grafana/ui';
import {TableNG} from '@grafana/ui/unstable';
import {useEffect, useState} from 'react';

const {mergeTransformer, organizeFieldsTransformer, sortByTransformer} = standardTransformers;
standardTransformersRegistry.setInit(() => [mergeTransformer, organizeFieldsTransformer, sortByTransformer].map(
  found => ({id: found.id, name: found.name, transformation: () => Promise.resolve(found), editor: () => null})));

function NoData({panel, width, height}) {
  return (
    <div style={{width, height, display: 'flex', alignItems: 'center', justifyContent: 'center'}}>
      {panel.fieldConfig.defaults.noValue ?? 'No data'}
    </div>);
}

export function TimeSeriesPanel(props) {
  const {panel, frames, configured, timeRange, theme, width, height} = props;
  if (frames.length === 0) return <NoData {...props} />;
  return <TimeSeries frames={configured(frames)} legend={panel.options.legend} timeRange={timeRange} timeZone="utc"
    theme={theme} width={width} height={height} />;
}

export function StatPanel(props) {
  const {panel, frames, configured, theme, width, height} = props;
  const {reduceOptions, colorMode, graphMode, justifyMode, textMode} = panel.options;
  const values = getFieldDisplayValues({
    fieldConfig: panel.fieldConfig, reduceOptions, replaceVariables: text => text, theme, data: configured(frames),
    sparkline: graphMode !== 'none', timeZone: 'utc'});
  if (frames.length === 0 || values.length === 0) return <NoData {...props} />;
  return <BigValue value={{...values[0].display, title: undefined}} sparkline={values[0].sparkline} colorMode={colorMode}
    graphMode={graphMode} justifyMode={justifyMode} textMode={textMode} theme={theme} width={width} height={height} />;
}

export function TablePanel(props) {
  const {panel, frames, configured, width, height} = props;
  const [transformed, setTransformed] = useState();
  useEffect(() => {
    const subscription = transformDataFrame(panel.transformations, frames).subscribe(setTransformed);
    return () => subscription.unsubscribe();
  }, []);
  if (!transformed) return null;
  if (!transformed[0]?.length) return <NoData {...props} />;
  return <TableNG data={configured(transformed)[0]} width={width} height={height} cellHeight={panel.options.cellHeight} />;
}
